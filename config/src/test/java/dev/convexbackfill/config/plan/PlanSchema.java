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

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The JSON Schema that editors use, beside the parser. */
final class PlanSchema {

    static final String TEXT = text();
    /** Whatever code a plan names. */
    static final CodeSource CODE = (_, _) -> new Code("", null);
    private static final JsonNode ROOT = JsonMapper.shared().readTree(TEXT);
    private static final Schema SCHEMA = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(ROOT);
    private static final List<String> COMBINATIONS = List.of("anyOf", "oneOf", "allOf");

    private PlanSchema() {}

    private static String text() {
        try (InputStream in = requireNonNull(PlanParser.class.getResourceAsStream("plan-v1.schema.json"))) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What an editor would underline; nothing if the plan is right. */
    static List<String> problems(String plan) {
        return SCHEMA.validate(JsonMapper.shared().<JsonNode>valueToTree(value(plan))).stream().map(Error::toString)
                .toList();
    }

    /** A plan as maps, lists, texts, numbers and booleans. */
    static @Nullable Object value(String plan) {
        return new Load(LoadSettings.builder().setSchema(new CoreSchema()).build()).loadFromString(plan);
    }

    /** Fails unless the schema takes a plan that the parser takes, and has every key that the parser knows in it. */
    static void requireKnows(String plan) {
        assertThat(problems(plan)).describedAs("what plan-v1.schema.json says of the plan\n%s", plan).isEmpty();
        Map<String, Set<String>> inSchema = keys();
        PlanKeys.of(plan).forEach((place, known) -> assertThat(inSchema.getOrDefault(place, Set.of()))
                .describedAs("the keys in plan-v1.schema.json at '%s', where the parser knows %s", place, known)
                .containsAll(known));
    }

    /** The keys that a mapping can have, by its place, such as {@code transform.split}. */
    static Map<String, Set<String>> keys() {
        Map<String, Set<String>> keys = new TreeMap<>();
        collect(ROOT, "", keys);
        return keys;
    }

    private static void collect(JsonNode node, String place, Map<String, Set<String>> keys) {
        if (node.has("$ref")) {
            collect(ROOT.at(node.get("$ref").asString().substring(1)), place, keys);
        }
        for (String combination : COMBINATIONS) {
            node.path(combination).forEach(part -> collect(part, place, keys));
        }
        if (node.has("items")) {
            collect(node.get("items"), place, keys);
        }
        node.path("properties").properties().forEach(property -> {
            keys.computeIfAbsent(place, _ -> new TreeSet<>()).add(property.getKey());
            collect(property.getValue(), place.isEmpty() ? property.getKey() : place + "." + property.getKey(), keys);
        });
    }
}
