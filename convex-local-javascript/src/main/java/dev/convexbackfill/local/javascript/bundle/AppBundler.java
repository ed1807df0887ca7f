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
package dev.convexbackfill.local.javascript.bundle;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.javascript.node.NodeScript;
import dev.convexbackfill.local.app.AppModules;
import dev.convexbackfill.local.app.AppRefusedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Bundles an app with the esbuild that comes with its Convex library, which takes Node. */
public final class AppBundler {

    private static final String SCRIPT = "bundle.mjs";

    private final Path folder;

    /** {@code folder} is the app's, or that of its functions. */
    public AppBundler(Path folder) {
        this.folder = folder;
    }

    /** Throws {@link AppRefusedException} for what Convex refuses, and if Node or esbuild is missing. */
    public AppModules bundle() {
        AppFolder app = AppFolder.find(folder);
        EntryPoints entryPoints = EntryPoints.of(app.functions());
        List<String> notes = new ArrayList<>();
        if (!entryPoints.forNode().isEmpty()) {
            notes.add("Modules with \"use node\" are left out: " + String.join(", ", entryPoints.forNode()));
        }
        return parse(run(app, entryPoints), app, notes);
    }

    private static byte[] run(AppFolder app, EntryPoints entryPoints) {
        List<String> arguments = new ArrayList<>(List.of(app.project().toString(), app.functions().toString(),
                entryPoints.schema() == null ? "" : entryPoints.schema()));
        arguments.addAll(entryPoints.functions());
        try {
            return new NodeScript(AppBundler.class, SCRIPT).run(app.project(), arguments);
        } catch (NodeScript.FailedException failed) {
            throw new AppRefusedException(failed.isNodeMissing()
                    ? "To bundle the functions of an app takes Node, and " + failed.getMessage()
                    : "The functions in '%s' can't be bundled: %s".formatted(app.functions(), failed.getMessage()),
                    failed);
        }
    }

    private static AppModules parse(byte[] output, AppFolder app, List<String> notes) {
        Map<String, Map<String, String>> bundles = new HashMap<>();
        List<Path> watched = new ArrayList<>(List.of(app.functions()));
        try (JsonParser json = ConvexJson.parser(output)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                if (json.nextToken() == JsonToken.START_ARRAY) {
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        watched.add(app.project().resolve(json.getString()));
                    }
                } else {
                    bundles.put(name, texts(json));
                }
            }
        }
        return new AppModules(bundles.getOrDefault("functions", Map.of()), bundles.getOrDefault("schema", Map.of()),
                notes, watched);
    }

    private static Map<String, String> texts(JsonParser json) {
        Map<String, String> texts = new HashMap<>();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String path = json.currentName();
            texts.put(path, json.nextStringValue());
        }
        return texts;
    }
}
