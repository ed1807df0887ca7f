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
import dev.convexbackfill.config.plan.TransformSpec.Remainder;
import dev.convexbackfill.config.plan.TransformSpec.Separator;
import dev.convexbackfill.config.plan.TransformSpec.TargetType;
import dev.convexbackfill.config.plan.TransformSpec.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads the steps of a plan. */
final class TransformParser {

    private static final List<String> KINDS = List.of("split", "combine", "rename", "convert", "default", "drop", "set",
            "increment");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
    private static final String WHITE_SPACE = "whitespace";

    private final List<PlanProblem> problems;
    private final YamlValues values;

    TransformParser(List<PlanProblem> problems) {
        this.problems = problems;
        this.values = new YamlValues(problems);
    }

    List<TransformSpec> parse(@Nullable Node node) {
        if (node == null) {
            return List.of();
        }
        if (!(node instanceof SequenceNode steps) || steps.getValue().isEmpty()) {
            problems.add(new PlanProblem(YamlMapping.line(node), "transform",
                    "must be a list of at least one step, each with a dash"));
            return List.of();
        }
        List<TransformSpec> specs = new ArrayList<>();
        for (int i = 0; i < steps.getValue().size(); i++) {
            TransformSpec spec = step(steps.getValue().get(i), "transform[" + i + "]");
            if (spec != null) {
                specs.add(spec);
            }
        }
        return specs;
    }

    private @Nullable TransformSpec step(Node node, String key) {
        YamlMapping step = YamlMapping.of(node, key, problems);
        if (step == null) {
            return null;
        }
        if (step.names().size() != 1 || !KINDS.contains(step.names().iterator().next())) {
            problems.add(new PlanProblem(step.line(), key,
                    "must have exactly one of the keys %s, not %s".formatted(String.join(", ", KINDS),
                            step.names().isEmpty() ? "none" : String.join(" and ", step.names()))));
            return null;
        }
        String kind = step.names().iterator().next();
        Node body = step.require(kind);
        if (kind.equals("drop") && body instanceof SequenceNode) {
            List<FieldPath> fields = step.fields(body, kind, 1);
            return fields == null ? null : new TransformSpec.Drop(fields);
        }
        if (kind.equals("drop")) {
            FieldPath field = step.field(body, kind);
            return field == null ? null : new TransformSpec.Drop(List.of(field));
        }
        YamlMapping of = YamlMapping.of(body, step.path(kind), problems);
        if (of == null) {
            return null;
        }
        TransformSpec spec = switch (kind) {
            case "split" -> split(of);
            case "combine" -> combine(of);
            case "rename" -> rename(of);
            case "convert" -> convert(of);
            case "default" -> defaulting(of);
            case "set" -> set(of);
            default -> increment(of);
        };
        of.close(Map.of("when", "conditions are not supported by this version",
                "onError", "this version always puts documents that fail into quarantine"));
        return spec;
    }

    private static @Nullable TransformSpec split(YamlMapping of) {
        FieldPath from = of.field(of.require("from"), "from");
        List<FieldPath> into = of.fields(of.require("into"), "into", 2);
        String at = of.text(of.require("at"), "at");
        String rest = of.text(of.take("remainder"), "remainder");
        Remainder remainder = rest == null || rest.equals("last") ? Remainder.LAST : Remainder.FIRST;
        if (rest != null && !rest.equals("last") && !rest.equals("first")) {
            of.problem("remainder", "must be first or last, not '%s'".formatted(rest));
        }
        if (at != null && at.isEmpty()) {
            of.problem("at", "must be a text to cut at, or the word " + WHITE_SPACE);
            return null;
        }
        if (from == null || into == null || at == null) {
            return null;
        }
        Separator separator = at.equals(WHITE_SPACE) ? new Separator.WhiteSpace() : new Separator.Text(at);
        return new TransformSpec.Split(from, into, separator, remainder);
    }

    private static @Nullable TransformSpec combine(YamlMapping of) {
        Node node = of.require("template");
        String text = of.text(node, "template");
        FieldPath into = of.field(of.require("into"), "into");
        Template template = text == null ? null : template(of, text);
        return template == null || into == null ? null : new TransformSpec.Combine(template, into);
    }

    private static @Nullable Template template(YamlMapping of, String text) {
        List<Template.Part> parts = new ArrayList<>();
        Matcher placeholder = PLACEHOLDER.matcher(text);
        int end = 0;
        boolean complete = true;
        boolean hasField = false;
        while (placeholder.find()) {
            if (placeholder.start() > end) {
                parts.add(new Template.Literal(text.substring(end, placeholder.start())));
            }
            end = placeholder.end();
            String problem = FieldPath.problem(placeholder.group(1));
            if (problem != null) {
                of.problem("template", problem);
                complete = false;
            } else {
                parts.add(new Template.Field(FieldPath.of(placeholder.group(1))));
                hasField = true;
            }
        }
        if (end < text.length()) {
            parts.add(new Template.Literal(text.substring(end)));
        }
        if (complete && !hasField) {
            of.problem("template", "must name at least one field in braces, as in '{firstName} {lastName}'");
            return null;
        }
        return complete ? new Template(parts) : null;
    }

    private static @Nullable TransformSpec rename(YamlMapping of) {
        FieldPath from = of.field(of.require("from"), "from");
        FieldPath to = of.field(of.require("to"), "to");
        if (from != null && from.equals(to)) {
            of.problem("to", "must differ from 'from'");
            return null;
        }
        return from == null || to == null ? null : new TransformSpec.Rename(from, to);
    }

    private static @Nullable TransformSpec convert(YamlMapping of) {
        FieldPath field = of.field(of.require("field"), "field");
        Node typeNode = of.require("to");
        String type = of.text(typeNode, "to");
        Node asNode = of.take("as");
        FieldPath as = asNode == null ? field : of.field(asNode, "as");
        if (type == null || field == null || as == null) {
            return null;
        }
        for (TargetType target : TargetType.values()) {
            if (target.name().toLowerCase(Locale.ROOT).equals(type)) {
                return new TransformSpec.Convert(field, target, as);
            }
        }
        of.problem("to", "must be number, int64, string or boolean, not '%s'".formatted(type));
        return null;
    }

    private @Nullable TransformSpec defaulting(YamlMapping of) {
        FieldPath field = of.field(of.require("field"), "field");
        ConvexValue value = value(of);
        return field == null || value == null ? null : new TransformSpec.Default(field, value);
    }

    private @Nullable TransformSpec set(YamlMapping of) {
        FieldPath field = of.field(of.require("field"), "field");
        ConvexValue value = value(of);
        return field == null || value == null ? null : new TransformSpec.Set(field, value);
    }

    private @Nullable ConvexValue value(YamlMapping of) {
        Node node = of.require("value");
        return node == null ? null : values.read(node, of.path("value"));
    }

    private static @Nullable TransformSpec increment(YamlMapping of) {
        FieldPath field = of.field(of.require("field"), "field");
        Node byNode = of.take("by");
        Integer by = byNode == null ? Integer.valueOf(1)
                : of.number(byNode, "by", -Integer.MAX_VALUE, Integer.MAX_VALUE);
        if (by != null && by == 0) {
            of.problem("by", "must not be 0");
            return null;
        }
        return field == null || by == null ? null : new TransformSpec.Increment(field, by);
    }
}
