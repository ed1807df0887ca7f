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

import dev.convexbackfill.config.expression.Expression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads the key {@code ensure} of a plan. */
final class EnsureParser {

    private static final List<String> KEYS = List.of("present", "absent", "type", "condition", "schema", "unique",
            "refers");

    private final List<PlanProblem> problems;

    EnsureParser(List<PlanProblem> problems) {
        this.problems = problems;
    }

    List<Ensure> parse(YamlMapping top, Write write) {
        Node node = top.take("ensure");
        if (node == null) {
            return List.of();
        }
        if (write instanceof Write.Delete) {
            top.problem("ensure", "has nothing to look at where documents are deleted; remove it");
            return List.of();
        }
        if (!(node instanceof SequenceNode all) || all.getValue().isEmpty()) {
            top.problem("ensure", "must be a list of at least one thing to ensure, each with a dash");
            return List.of();
        }
        List<Ensure> parsed = new ArrayList<>();
        for (int i = 0; i < all.getValue().size(); i++) {
            Ensure ensure = one(all.getValue().get(i), "ensure[" + i + "]");
            if (ensure != null) {
                parsed.add(ensure);
            }
        }
        return parsed;
    }

    private @Nullable Ensure one(Node node, String key) {
        YamlMapping of = YamlMapping.of(node, key, problems);
        if (of == null) {
            return null;
        }
        String kind = of.names().size() == 1 ? of.names().iterator().next() : "";
        if (!KEYS.contains(kind)) {
            problems.add(new PlanProblem(of.line(), key,
                    "must have exactly one of the keys %s, not %s%s".formatted(String.join(", ", KEYS),
                            of.names().isEmpty() ? "none" : String.join(" and ", of.names()),
                            NearMiss.hint(KEYS, kind))));
            return null;
        }
        Node body = of.require(kind);
        return switch (kind) {
            case "present" -> {
                List<FieldPath> fields = of.fields(body, kind, 1);
                yield fields == null ? null : new Ensure.Present(fields);
            }
            case "absent" -> {
                List<FieldPath> fields = of.fields(body, kind, 1);
                yield fields == null ? null : new Ensure.Absent(fields);
            }
            case "type" -> types(of, body);
            case "condition" -> {
                Expression condition = of.condition(body, kind);
                yield condition == null ? null : new Ensure.Condition(condition);
            }
            case "schema" -> {
                if (!of.truth(body, kind, true)) {
                    of.problem(kind, "must be true; without it, leave it out");
                }
                yield new Ensure.MatchesSchema();
            }
            case "unique" -> {
                FieldPath field = of.field(body, kind);
                yield field == null ? null : new Ensure.Unique(field);
            }
            default -> refers(of, body);
        };
    }

    private static @Nullable Ensure types(YamlMapping of, @Nullable Node body) {
        YamlMapping types = body == null ? null : of.inner(body, "type");
        if (types == null) {
            return null;
        }
        Map<FieldPath, FieldType> byField = new LinkedHashMap<>();
        List<String> names = List.copyOf(types.names());
        if (names.isEmpty()) {
            of.problem("type", "must name at least one field");
        }
        for (String name : names) {
            Node node = types.take(name);
            String problem = FieldPath.problem(name);
            if (problem != null) {
                types.problem(name, problem);
                continue;
            }
            FieldType type = type(node);
            if (type == null) {
                types.problem(name, "must be one of the types %s".formatted(String.join(" | ", FieldType.TEXTS)));
            } else {
                byField.put(FieldPath.of(name), type);
            }
        }
        return byField.isEmpty() ? null : new Ensure.OfType(byField);
    }

    /** In YAML, null without quotes is no text. */
    private static @Nullable FieldType type(@Nullable Node node) {
        if (!(node instanceof ScalarNode scalar)) {
            return null;
        }
        return scalar.getTag().equals(Tag.NULL) && scalar.getValue().equals("null") ? FieldType.NULL
                : FieldType.of(scalar.getValue()).orElse(null);
    }

    private static @Nullable Ensure refers(YamlMapping of, @Nullable Node body) {
        YamlMapping refers = body == null ? null : of.inner(body, "refers");
        if (refers == null) {
            return null;
        }
        FieldPath field = refers.field(refers.require("field"), "field");
        String table = TableNames.read(refers, refers.require("table"), "table");
        refers.close(Map.of());
        return field == null || table == null ? null : new Ensure.Refers(field, table);
    }
}
