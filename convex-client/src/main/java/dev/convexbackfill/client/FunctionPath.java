/*
 * Copyright 2026 the convex-backfill authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with
 * the License. You may obtain a copy of the License at https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed on
 * an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for the
 * specific language governing permissions and limitations under the License.
 */
package dev.convexbackfill.client;

import java.util.regex.Pattern;

/**
 * Where a function lives: {@code dir/module:function}.
 *
 * @param value the whole path
 */
public record FunctionPath(String value) {

    private static final Pattern VALID = Pattern.compile("[\\w./-]+:[A-Za-z_]\\w*");

    /** Throws {@link IllegalArgumentException} for a path that Convex would not take. */
    public FunctionPath {
        if (!VALID.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "The function path '%s' is not of the form 'dir/module:function'".formatted(value));
        }
    }

    /** The function {@code name} of the module {@code dir/module}. */
    public static FunctionPath of(String module, String name) {
        return new FunctionPath(module + ":" + name);
    }

    @Override
    public String toString() {
        return value;
    }
}
