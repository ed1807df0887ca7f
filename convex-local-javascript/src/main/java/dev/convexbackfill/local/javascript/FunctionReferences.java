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
package dev.convexbackfill.local.javascript;

/** The ways in which a function names another. */
final class FunctionReferences {

    private static final String HANDLE = "function://local;";

    private FunctionReferences() {}

    /** The path of the function that the arguments of a syscall name. */
    static String path(SyscallArguments arguments) {
        String handle = arguments.optional("functionHandle");
        if (handle != null) {
            if (!handle.startsWith(HANDLE)) {
                throw new SyscallFailedException(
                        "'%s' is no handle of a function of this deployment".formatted(handle));
            }
            return handle.substring(HANDLE.length());
        }
        if (arguments.optional("reference") != null) {
            throw new SyscallFailedException(
                    "Components are not supported by a local deployment ('%s')".formatted(arguments.text("reference")));
        }
        return arguments.text("name");
    }

    /** A text by which any function may call that of {@code path}. */
    static String handle(String path) {
        return HANDLE + path;
    }
}
