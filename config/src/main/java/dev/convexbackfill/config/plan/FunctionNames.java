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
package dev.convexbackfill.config.plan;

import dev.convexbackfill.client.FunctionPath;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the paths of functions of the app. */
final class FunctionNames {

    /** So much of a path the job repository keeps. */
    private static final int MAX_LENGTH = 250;
    private static final Pattern PATH = Pattern.compile("[\\w-]+(/[\\w-]+)*:[A-Za-z_]\\w*");

    private FunctionNames() {}

    /** Null, with a problem, for what can't be one. */
    static @Nullable FunctionPath read(YamlMapping mapping, @Nullable Node node, String key) {
        String path = mapping.text(node, key);
        if (path == null) {
            return null;
        }
        if (!PATH.matcher(path).matches() || path.length() > MAX_LENGTH) {
            mapping.problem(key, "must be a function of the app, written as in users:update, not '%s'".formatted(path));
            return null;
        }
        return new FunctionPath(path);
    }
}
