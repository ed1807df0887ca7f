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

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The bundled modules of an app.
 *
 * @param sources ES modules by path: {@code messages.js}, {@code admin/users.js}, and what they share below {@code _deps/};
 *                beside a module may lie its source map, as {@code messages.js.map}
 * @param schemas the module {@code schema.js} with a default export, and what it imports; empty for none
 * @param notes   what was left out, for people
 * @param watched the files and folders that they were made of
 */
public record AppModules(Map<String, String> sources, Map<String, String> schemas, List<String> notes,
        List<Path> watched) {

    public AppModules {
        sources = Map.copyOf(sources);
        schemas = Map.copyOf(schemas);
        notes = List.copyOf(notes);
        watched = List.copyOf(watched);
    }

    /** An app without a schema. */
    public static AppModules of(Map<String, String> sources) {
        return new AppModules(sources, Map.of(), List.of(), List.of());
    }
}
