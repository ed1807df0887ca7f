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

import dev.convexbackfill.local.function.LogLines;
import java.util.Map;

/** What running JavaScript asks of the deployment. Operations, arguments and answers are those of Convex, in JSON. */
interface Syscalls {

    /**
     * Answers at once. Throws {@link SyscallFailedException} for what the function may catch; every other exception ends the
     * function.
     */
    String sync(String operation, String arguments);

    /** Answers a promise. Called in the order of issue, while no JavaScript runs. Throws as {@link #sync}. */
    String async(String operation, String arguments);

    void log(LogLines.Level level, String line);

    /** What {@code process.env} has. */
    Map<String, String> environment();

    /** While modules are loaded: there is no deployment to ask. */
    static Syscalls whileLoading(Map<String, String> environment, LogLines log) {
        return new Syscalls() {
            @Override
            public String sync(String operation, String arguments) {
                throw new SyscallFailedException(
                        "Modules can't use the database or call functions while they are loaded (%s)".formatted(
                                operation));
            }

            @Override
            public String async(String operation, String arguments) {
                return sync(operation, arguments);
            }

            @Override
            public void log(LogLines.Level level, String line) {
                log.add(level, line);
            }

            @Override
            public Map<String, String> environment() {
                return environment;
            }
        };
    }
}
