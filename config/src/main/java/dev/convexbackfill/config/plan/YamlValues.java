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

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.client.value.ValueLimits;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * YAML as Convex values: numbers are float64, as in JavaScript; {@code {$int64: 5}}, {@code {$bytes: base64}} and
 * {@code {$float: NaN}} say what YAML can't.
 */
final class YamlValues {

    private static final BigInteger LARGEST_EXACT = BigInteger.ONE.shiftLeft(53);

    private final List<PlanProblem> problems;

    YamlValues(List<PlanProblem> problems) {
        this.problems = problems;
    }

    /** Null, with a problem, for what is no Convex value. */
    @Nullable
    ConvexValue read(Node node, String key) {
        try {
            return value(node, 0);
        } catch (InvalidValueException invalid) {
            problems.add(new PlanProblem(YamlMapping.line(node), key, "is no Convex value: " + invalid.getMessage()));
            return null;
        }
    }

    private ConvexValue value(Node node, int depth) {
        if (depth > ValueLimits.MAX_DOCUMENT_NESTING) {
            throw new InvalidValueException(
                    "it is nested more than %d levels deep".formatted(ValueLimits.MAX_DOCUMENT_NESTING));
        }
        return switch (node) {
            case ScalarNode scalar -> scalar(scalar);
            case SequenceNode sequence -> {
                List<ConvexValue> values = new ArrayList<>();
                sequence.getValue().forEach(element -> values.add(value(element, depth + 1)));
                yield ConvexValue.array(values);
            }
            case MappingNode mapping -> mapping(mapping, depth);
            default -> throw new InvalidValueException("aliases are not allowed here");
        };
    }

    private ConvexValue scalar(ScalarNode scalar) {
        String text = scalar.getValue();
        Tag tag = scalar.getTag();
        if (tag.equals(Tag.STR)) {
            return ConvexValue.of(text);
        }
        if (tag.equals(Tag.NULL)) {
            return ConvexNull.NULL;
        }
        if (tag.equals(Tag.BOOL)) {
            return ConvexValue.of(Boolean.parseBoolean(text));
        }
        if (tag.equals(Tag.INT)) {
            BigInteger number = new BigInteger(text.startsWith("+") ? text.substring(1) : text);
            if (number.abs().compareTo(LARGEST_EXACT) > 0) {
                throw new InvalidValueException(
                        "%s is too large for a number; write {$int64: %s} for an int64".formatted(text, text));
            }
            return ConvexValue.number(text.startsWith("-") && number.signum() == 0 ? -0.0 : number.doubleValue());
        }
        if (tag.equals(Tag.FLOAT)) {
            return ConvexValue.number(floating(text));
        }
        throw new InvalidValueException("'%s' has the unknown tag %s".formatted(text, tag));
    }

    private static double floating(String text) {
        return switch (text) {
            case ".nan", ".NaN", ".NAN", "NaN" -> Double.NaN;
            case ".inf", ".Inf", ".INF", "+.inf", "Infinity" -> Double.POSITIVE_INFINITY;
            case "-.inf", "-.Inf", "-.INF", "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> {
                try {
                    yield Double.parseDouble(text);
                } catch (NumberFormatException _) {
                    throw new InvalidValueException("'%s' is no number".formatted(text));
                }
            }
        };
    }

    private ConvexValue mapping(MappingNode mapping, int depth) {
        if (mapping.getValue().size() == 1 && mapping.getValue().getFirst().getKeyNode() instanceof ScalarNode name
                && mapping.getValue().getFirst().getValueNode() instanceof ScalarNode value) {
            ConvexValue special = special(name.getValue(), value.getValue());
            if (special != null) {
                return special;
            }
        }
        ConvexObject.Builder object = ConvexObject.builder();
        Set<String> names = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                throw new InvalidValueException("a field name is no word");
            }
            if (!names.add(name.getValue())) {
                throw new InvalidValueException("the field '%s' is given twice".formatted(name.getValue()));
            }
            object.put(name.getValue(), value(tuple.getValueNode(), depth + 1));
        }
        return object.build();
    }

    private static @Nullable ConvexValue special(String name, String text) {
        try {
            return switch (name) {
                case "$int64" -> ConvexValue.int64(Long.parseLong(text));
                case "$bytes" -> ConvexValue.of(Base64.getDecoder().decode(text));
                case "$float" -> ConvexValue.number(floating(text));
                default -> null;
            };
        } catch (IllegalArgumentException _) {
            throw new InvalidValueException("'%s' is no %s".formatted(text, name));
        }
    }
}
