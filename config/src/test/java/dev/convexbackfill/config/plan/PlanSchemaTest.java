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
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Editors help with plans by the schema: it and the parser must say the same. */
class PlanSchemaTest {

    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final String REFERENCE = "# yaml-language-server: $schema=";

    private static String everyKey() throws IOException {
        try (InputStream in = requireNonNull(PlanSchemaTest.class.getResourceAsStream("every-key.yaml"))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    @Test
    void theParserAndTheSchemaKnowTheSameKeys() throws IOException {
        String plan = everyKey();
        PlanParser.parse("every-key.yaml", plan, PlanSchema.CODE);
        Map<String, Set<String>> known = new TreeMap<>(PlanKeys.of(plan));
        Set<String> kinds = Set.copyOf(known.getOrDefault("transform", Set.of()));
        PlanKeys.of("transform: { javascript: ./migrate.js, function: migrateOne }").forEach(
                (place, keys) -> known.computeIfAbsent(place, _ -> new TreeSet<>()).addAll(keys));
        // can't stand beside an index and a way to write
        PlanKeys.of("{ source: { query: 'users:getBatch' }, sink: { mutation: 'users:update' } }").forEach(
                (place, keys) -> known.computeIfAbsent(place, _ -> new TreeSet<>()).addAll(keys));
        for (String kind : kinds) {
            PlanKeys.of("transform: [ { %s: { } } ]".formatted(kind)).forEach(
                    (place, keys) -> known.computeIfAbsent(place, _ -> new TreeSet<>()).addAll(keys));
        }

        assertThat(known)
                .describedAs(
                        """
                                the keys of the parser, by place. A new key goes into plan-v1.schema.json, with a description; a mapping that
                                is new, or that has other keys for other values, also into every-key.yaml""")
                .isEqualTo(PlanSchema.keys());
    }

    @Test
    void everyKeyAndEveryStepIsDescribed() {
        Map<String, Object> schema = mapping(requireNonNull(PlanSchema.value(PlanSchema.TEXT)));
        Map<String, Object> definitions = mapping(requireNonNull(schema.get("$defs")));
        Map<String, String> undescribed = new HashMap<>();
        definitions.put("", schema);
        definitions.forEach((name, definition) -> findUndescribed(name, mapping(definition), undescribed));

        assertThat(undescribed).isEmpty();
    }

    private static void findUndescribed(String place, Map<String, Object> node, Map<String, String> undescribed) {
        mapping(node.getOrDefault("properties", Map.of())).forEach((name, property) -> {
            Map<String, Object> described = mapping(property);
            if (!described.containsKey("description") && !described.containsKey("$ref")) {
                undescribed.put(place, name);
            }
            findUndescribed(place + "." + name, described, undescribed);
        });
    }

    @SuppressWarnings("unchecked") // a schema is made of mappings
    private static Map<String, Object> mapping(Object value) {
        return (Map<String, Object>) value;
    }

    @Test
    void aPlanWithEveryKeyIsRightToBoth() throws IOException {
        PlanSchema.requireKnows(everyKey());
    }

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".yaml") || file.toString().endsWith(".yml"))
                    .filter(file -> !file.toString().contains("node_modules")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleIsRightToBothAndTellsEditorsWhereTheSchemaIs(Path example) throws IOException {
        String text = Files.readString(example);

        assertThatCode(() -> PlanParser.parse(example.toString(), text, PlanSchema.CODE)).doesNotThrowAnyException();
        assertThat(PlanSchema.problems(text)).isEmpty();
        String reference = text.lines().filter(line -> line.startsWith(REFERENCE)).findFirst()
                .orElseThrow(() -> new AssertionError("'%s' has no line '%s…'".formatted(example, REFERENCE)));
        Path schema = requireNonNull(example.getParent()).resolve(reference.substring(REFERENCE.length()));
        assertThat(schema).content().isEqualTo(PlanSchema.TEXT);
    }

    static List<BrokenPlan> brokenPlans() {
        return BrokenPlan.all();
    }

    @ParameterizedTest
    @MethodSource("brokenPlans")
    void aBrokenPlanIsWrongToTheSchemaTooUnlessOnlyTheParserCanSeeIt(BrokenPlan broken) {
        Object value;
        try {
            value = PlanSchema.value(broken.text());
        } catch (org.snakeyaml.engine.v2.exceptions.YamlEngineException _) {
            // an editor says so without a schema
            return;
        }
        assertThat(PlanSchema.problems(broken.text()).isEmpty()).describedAs("only the parser sees: %s", value)
                .isEqualTo(broken.onlyParser());
    }
}
