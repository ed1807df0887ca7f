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
package dev.convexbackfill.local.function;

/** An environment variable that can't be set. Its message never has the value. */
public final class RefusedVariableException extends RuntimeException {

    private final String code;

    RefusedVariableException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** Convex's short code. */
    public String code() {
        return code;
    }
}
