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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.TransformParser.Reader;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the steps whose work is done by plugins. */
final class PluginSteps {

    private static final int DEFAULT_TIMEOUT_SECONDS = 30;
    private static final int MAX_TIMEOUT_SECONDS = 3600;

    private final YamlValues values;

    PluginSteps(YamlValues values) {
        this.values = values;
    }

    Map<String, Reader> readers() {
        return Map.of("java", this::java);
    }

    private @Nullable TransformSpec java(YamlMapping of) {
        String plugin = of.text(of.require("plugin"), "plugin");
        Integer timeout = of.number(of.take("timeoutSeconds"), "timeoutSeconds", 1, MAX_TIMEOUT_SECONDS);
        Node node = of.take("with");
        ConvexValue with = node == null ? ConvexObject.EMPTY : values.read(node, of.path("with"));
        if (with != null && !(with instanceof ConvexObject)) {
            of.problem("with", "must be a mapping of what the plugin is told");
        }
        return plugin != null && with instanceof ConvexObject settings
                ? new TransformSpec.Java(plugin, settings,
                        Duration.ofSeconds(timeout == null ? DEFAULT_TIMEOUT_SECONDS : timeout))
                : null;
    }
}
