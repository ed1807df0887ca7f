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
package dev.convexbackfill.local.app;

/** Finds what runs the JavaScript of apps. */
public final class FunctionEngines {

    private FunctionEngines() {}

    /**
     * Starts the engine. Throws {@link AppRefusedException} if there is none.
     *
     * @param program a class of the program, whose jar lies beside the folder
     */
    public static FunctionEngine start(Class<?> program, EngineSettings settings) {
        return OptionalJars.find(FunctionEngine.Provider.class, program).orElseThrow(() -> new AppRefusedException(
                "Functions in JavaScript need the engine in '%s', which is not there. %s"
                        .formatted(OptionalJars.folder(program), OptionalJars.ADVICE)))
                .start(settings);
    }
}
