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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.javascript.sandbox.StoppedException;
import dev.convexbackfill.local.app.App;
import dev.convexbackfill.local.app.AppModules;
import dev.convexbackfill.local.app.AppRefusedException;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.function.LogLines;
import dev.convexbackfill.local.schema.InvalidSchemaException;
import dev.convexbackfill.local.schema.Validator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out what the modules of an app export: imports each, without a deployment, and looks. */
final class AppLoader {

    private static final String SHARED = "_deps/";
    private static final String SCHEMA = "schema.js";
    private static final String EXTENSION = ".js";

    private final GraalEngine engine;
    private final AppModules modules;
    private final LoadedApp app;
    private final List<FunctionDefinition> functions = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    AppLoader(GraalEngine engine, AppModules modules) {
        this.engine = engine;
        this.modules = modules;
        this.app = new LoadedApp(engine, modules.sources());
        this.notes.addAll(modules.notes());
    }

    private record Ready(LoadedApp app, List<FunctionDefinition> functions, @Nullable String schema,
            List<String> notes, List<Path> watched) implements App {

        @Override
        public void close() {
            app.close();
        }
    }

    App load() {
        try {
            for (String module : new TreeSet<>(modules.sources().keySet())) {
                if (module.endsWith(EXTENSION) && !module.startsWith(SHARED)) {
                    analyze(app, module).forEach(export -> add(module, (ConvexObject) export));
                }
            }
            return new Ready(app, List.copyOf(functions), schema(), List.copyOf(notes),
                    modules.watched());
        } catch (RuntimeException refused) {
            app.close();
            throw refused;
        }
    }

    private ConvexArray analyze(LoadedApp in, String module) {
        Worker.Start start = new Worker.Start(System.currentTimeMillis(), ThreadLocalRandom.current().nextLong(),
                false);
        Syscalls syscalls = Syscalls.whileLoading(engine.settings().environment(), new LogLines());
        Outcome outcome;
        try {
            outcome = in.call(FunctionKind.QUERY, syscalls,
                    (worker, guard) -> worker.analyze(module, start, syscalls, guard));
        } catch (StoppedException stopped) {
            throw new AppRefusedException("The module '%s' can't be loaded: %s".formatted(module, stopped.getMessage()),
                    stopped);
        }
        return switch (outcome) {
            case Outcome.Returned(String json) -> (ConvexArray) ConvexJson.decode(String.valueOf(json));
            case Outcome.Threw threw -> throw new AppRefusedException("The module '%s' can't be loaded: Uncaught %s%s"
                    .formatted(module, threw.message(), in.trace(threw.frames())));
        };
    }

    private void add(String module, ConvexObject export) {
        switch (export.string("kind")) {
            case "query" -> addFunction(module, export, FunctionKind.QUERY);
            case "mutation" -> addFunction(module, export, FunctionKind.MUTATION);
            case "action" -> addFunction(module, export, FunctionKind.ACTION);
            case "router" -> notes.add("HTTP routes are not served: " + list(export.array("routes")));
            case "crons" -> notes.add("Crons are not run: " + list(export.array("crons")));
            default -> {
                // an HTTP action belongs to a route, and a schema is read elsewhere
            }
        }
    }

    private static String list(ConvexArray texts) {
        return texts.values().stream().map(text -> ConvexJson.encodeToString(text).replace("\"", ""))
                .collect(Collectors.joining(", "));
    }

    private void addFunction(String module, ConvexObject export, FunctionKind kind) {
        String name = export.string("name");
        String path = module.substring(0, module.length() - EXTENSION.length()) + ":" + name;
        functions.add(new FunctionDefinition(path, kind,
                export.string("visibility").equals("internal") ? Visibility.INTERNAL : Visibility.PUBLIC,
                validator(path, export.string("args")), validator(path, export.string("returns")),
                new JavaScriptFunction(app, module, name)));
    }

    private static Validator validator(String path, String json) {
        ConvexValue parsed = ConvexJson.decode(json);
        try {
            // a function without one exports null
            return parsed instanceof ConvexObject ? Validator.fromJson(parsed) : Validator.ANY;
        } catch (InvalidSchemaException invalid) {
            throw new AppRefusedException("The function '%s' can't be deployed: %s".formatted(path,
                    invalid.getMessage()), invalid);
        }
    }

    private @Nullable String schema() {
        Map<String, String> sources = modules.schemas();
        if (!sources.containsKey(SCHEMA)) {
            return null;
        }
        try (LoadedApp schemas = new LoadedApp(engine, sources)) {
            for (ConvexValue export : analyze(schemas, SCHEMA)) {
                if (((ConvexObject) export).string("kind").equals("schema")) {
                    return ((ConvexObject) export).string("schema");
                }
            }
        }
        throw new AppRefusedException("The default export of 'schema.ts' is no schema; export defineSchema({…})");
    }
}
