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

import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.expression.Expression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads the steps of a plan. */
final class TransformParser {

    private static final List<String> POLICIES = List.of("quarantine", "keep", "fail");

    private final List<PlanProblem> problems;
    private final YamlValues values;
    private final CodeSteps codeSteps;
    private final Map<String, Reader> readers = new LinkedHashMap<>();

    /** Reads what a step does from its keys; null, with a problem, if they are wrong. */
    interface Reader extends Function<YamlMapping, @Nullable TransformSpec> {}

    TransformParser(List<PlanProblem> problems, CodeSource code) {
        this.problems = problems;
        this.values = new YamlValues(problems);
        this.codeSteps = new CodeSteps(code);
        readers.putAll(new FieldSteps(values).readers());
        readers.putAll(TextSteps.readers());
        readers.putAll(new ShapeSteps(values).readers());
        readers.putAll(codeSteps.readers());
        readers.putAll(new PluginSteps(values).readers());
    }

    List<Step> parse(@Nullable Node node) {
        if (node == null) {
            return List.of();
        }
        if (node instanceof MappingNode) {
            return single(node);
        }
        if (!(node instanceof SequenceNode steps) || steps.getValue().isEmpty()) {
            problems.add(new PlanProblem(YamlMapping.line(node), "transform",
                    "must be a list of at least one step, each with a dash"));
            return List.of();
        }
        List<Step> parsed = new ArrayList<>();
        for (int i = 0; i < steps.getValue().size(); i++) {
            Step step = step(steps.getValue().get(i), "transform[" + i + "]");
            if (step != null) {
                parsed.add(step);
            }
        }
        return parsed;
    }

    /** The short form of a plan whose only step is a function. */
    private List<Step> single(Node node) {
        YamlMapping step = YamlMapping.of(node, "transform", problems);
        if (step == null || !step.names().contains("javascript")) {
            problems.add(new PlanProblem(YamlMapping.line(node), "transform",
                    "must be a list of steps, each with a dash, or { javascript: FILE, function: NAME }"));
            return List.of();
        }
        Step finished = finish(step, codeSteps.javaScript(step, "javascript"));
        return finished == null ? List.of() : List.of(finished);
    }

    private @Nullable Step step(Node node, String key) {
        YamlMapping step = YamlMapping.of(node, key, problems);
        if (step == null) {
            return null;
        }
        String kind = step.names().size() == 1 ? step.names().iterator().next() : null;
        Reader reader = kind == null ? null : readers.get(kind);
        if (kind == null || reader == null) {
            problems.add(new PlanProblem(step.line(), key, problemOfKinds(step.names())));
            return null;
        }
        Node body = step.require(kind);
        if (kind.equals("drop") && !(body instanceof MappingNode)) {
            List<FieldPath> fields = FieldSteps.dropped(step, body, kind);
            return fields == null ? null
                    : new Step(new TransformSpec.Drop(fields), null, new OnError.Quarantine());
        }
        YamlMapping of = YamlMapping.of(body, step.path(kind), problems);
        if (of == null) {
            return null;
        }
        return finish(of, reader.apply(of));
    }

    private @Nullable Step finish(YamlMapping of, @Nullable TransformSpec transform) {
        Expression when = of.condition(of.take("when"), "when");
        OnError onError = onError(of, transform);
        of.close(Map.of());
        return transform == null ? null : new Step(transform, when, onError);
    }

    private String problemOfKinds(Set<String> names) {
        List<String> kinds = names.stream().filter(readers::containsKey).toList();
        if (kinds.size() > 1 && kinds.size() == names.size()) {
            return "is one step and not %s: give each a dash of its own".formatted(String.join(" and ", names));
        }
        if (kinds.size() == 1) {
            return "must have nothing beside '%s', not %s: indent its keys further than '%s' itself".formatted(
                    kinds.getFirst(), names.stream().filter(name -> !readers.containsKey(name))
                            .collect(Collectors.joining(" and ")),
                    kinds.getFirst());
        }
        return "must have exactly one of the keys %s, not %s%s".formatted(String.join(", ", readers.keySet()),
                names.isEmpty() ? "none" : String.join(" and ", names),
                names.size() == 1 ? NearMiss.hint(readers.keySet(), names.iterator().next()) : "");
    }

    private OnError onError(YamlMapping of, @Nullable TransformSpec transform) {
        Node node = of.take("onError");
        if (node == null) {
            return new OnError.Quarantine();
        }
        if (node instanceof ScalarNode) {
            return switch (of.choice(node, "onError", POLICIES)) {
                case "keep" -> new OnError.Keep();
                case "fail" -> new OnError.Fail();
                case null, default -> new OnError.Quarantine();
            };
        }
        YamlMapping policy = YamlMapping.of(node, of.path("onError"), problems);
        if (policy == null) {
            return new OnError.Quarantine();
        }
        Node defaultNode = policy.require("default");
        ConvexValue value = defaultNode == null ? null : values.read(defaultNode, policy.path("default"));
        policy.close(Map.of());
        if (transform != null && transform.targets().isEmpty()) {
            of.problem("onError", "can't set a default: the step sets no fields of its own");
        }
        return value == null ? new OnError.Quarantine() : new OnError.Value(value);
    }
}
