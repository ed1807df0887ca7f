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
import dev.convexbackfill.config.expression.InvalidExpressionException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A mapping of the file that knows its place. Reading takes keys away; {@link #close} reports those that nobody took. What is
 * wrong goes to the list of problems, and the reader goes on with null, so that all problems are found at once.
 */
final class YamlMapping {

    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+(\\.\\d+)?");
    private static final int MAX_SHOWN = 100;

    private final String key;
    private final int line;
    private final List<PlanProblem> problems;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final Map<String, NodeTuple> taken = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();

    private YamlMapping(String key, int line, List<PlanProblem> problems) {
        this.key = key;
        this.line = line;
        this.problems = problems;
    }

    /** Null, with a problem, if the node is no mapping. */
    static @Nullable YamlMapping of(@Nullable Node node, String key, List<PlanProblem> problems) {
        if (!(node instanceof MappingNode mapping)) {
            problems.add(new PlanProblem(line(node), key, "must be a mapping of keys to values" + found(node)));
            return null;
        }
        YamlMapping result = new YamlMapping(key, line(node), problems);
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                problems.add(new PlanProblem(line(tuple.getKeyNode()), key, "has a key that is no word"));
            } else if (result.entries.putIfAbsent(name.getValue(), tuple) != null) {
                problems.add(new PlanProblem(line(name), result.path(name.getValue()), "is given twice"));
            }
        }
        return result;
    }

    /** A mapping under a key of this one; null, with a problem, if it is none. */
    @Nullable
    YamlMapping inner(Node node, String name) {
        return of(node, path(name), problems);
    }

    int line() {
        return line;
    }

    String key() {
        return key;
    }

    /** The keys that nobody has taken yet. */
    Set<String> names() {
        return entries.keySet();
    }

    String path(String name) {
        return key.isEmpty() ? name : key + "." + name;
    }

    /** Reports a problem with the value of a key that was taken. */
    void problem(String name, String message) {
        NodeTuple tuple = taken.get(name);
        problems.add(new PlanProblem(tuple == null ? line : line(tuple.getValueNode()), path(name), message));
    }

    private void problemAt(@Nullable Node node, String name, String message) {
        problems.add(new PlanProblem(node == null ? line : line(node), path(name), message));
    }

    /** The node under a key, which is taken; null if it is missing. */
    @Nullable
    Node take(String name) {
        known.add(name);
        NodeTuple tuple = entries.remove(name);
        if (tuple == null) {
            return null;
        }
        taken.put(name, tuple);
        return tuple.getValueNode();
    }

    /** Also reports that it is missing. */
    @Nullable
    Node require(String name) {
        Node node = take(name);
        if (node == null) {
            problemAt(null, name, "is missing");
        }
        return node;
    }

    /** A word or a text. Numbers and booleans are none: they must be quoted. */
    @Nullable
    String text(@Nullable Node node, String name) {
        if (node == null) {
            return null;
        }
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)) {
            return scalar.getValue();
        }
        problemAt(node, name, "must be a text" + found(node));
        return null;
    }

    /** True or false; {@code otherwise} if it is missing. */
    boolean truth(@Nullable Node node, String name, boolean otherwise) {
        if (node == null) {
            return otherwise;
        }
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
            return Boolean.parseBoolean(scalar.getValue());
        }
        problemAt(node, name, "must be true or false" + found(node));
        return otherwise;
    }

    /** A list of at least one text. */
    @Nullable
    List<String> texts(@Nullable Node node, String name) {
        if (node == null) {
            return null;
        }
        if (!(node instanceof SequenceNode sequence) || sequence.getValue().isEmpty()) {
            problemAt(node, name, "must be a list of texts" + found(node));
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            String text = text(sequence.getValue().get(i), name + "[" + i + "]");
            if (text != null) {
                texts.add(text);
            }
        }
        return texts.size() == sequence.getValue().size() ? texts : null;
    }

    /** One of some words. */
    @Nullable
    String choice(@Nullable Node node, String name, List<String> words) {
        String word = text(node, name);
        if (word == null || words.contains(word)) {
            return word;
        }
        problemAt(node, name, "must be %s, not '%s'".formatted(alternatives(words), word));
        return null;
    }

    private static String alternatives(List<String> words) {
        int last = words.size() - 1;
        return last == 0 ? words.getFirst() : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }

    /** An expression. */
    @Nullable
    Expression expression(@Nullable Node node, String name) {
        return expression(node, name, Expression::parse);
    }

    /** An expression that is an argument of a function. */
    @Nullable
    Expression argument(@Nullable Node node, String name) {
        return expression(node, name, Expression::parseArgument);
    }

    private interface ExpressionReader {

        Expression read(String text) throws InvalidExpressionException;
    }

    private @Nullable Expression expression(@Nullable Node node, String name, ExpressionReader reader) {
        String text = text(node, name);
        if (text == null) {
            return null;
        }
        try {
            return reader.read(text);
        } catch (InvalidExpressionException invalid) {
            problemAt(node, name, "is no expression: " + invalid.getMessage());
            return null;
        }
    }

    /** An expression that is true or false. */
    @Nullable
    Expression condition(@Nullable Node node, String name) {
        Expression condition = expression(node, name);
        String type = condition == null ? null : condition.neverTruth().orElse(null);
        if (type != null) {
            problemAt(node, name, "must be true or false of a document, and is always %s".formatted(type));
            return null;
        }
        return condition;
    }

    /** A mapping of names to fields; null, with problems, unless it is one and not empty. */
    @Nullable
    Map<String, FieldPath> fieldsByName(@Nullable Node node, String name) {
        YamlMapping mapping = node == null ? null : inner(node, name);
        if (mapping == null) {
            return null;
        }
        Map<String, FieldPath> fields = new LinkedHashMap<>();
        int problemsBefore = problems.size();
        for (String key : List.copyOf(mapping.names())) {
            FieldPath field = mapping.field(mapping.take(key), key);
            if (field != null) {
                fields.put(key, field);
            }
        }
        if (fields.isEmpty() && problems.size() == problemsBefore) {
            problemAt(node, name, "must name at least one field");
        }
        return problems.size() == problemsBefore ? fields : null;
    }

    /** A whole number from {@code min} to {@code max}. */
    @Nullable
    Integer number(@Nullable Node node, String name, int min, int max) {
        if (node == null) {
            return null;
        }
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.INT)) {
            try {
                int number = Integer.parseInt(scalar.getValue());
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException _) {
                // out of range, or hexadecimal
            }
        }
        problemAt(node, name, "must be a whole number from %d to %d%s".formatted(min, max, found(node)));
        return null;
    }

    /** A number of bytes from {@code min} to {@code max}, such as 4MiB. */
    @Nullable
    ByteSize size(@Nullable Node node, String name, ByteSize min, ByteSize max) {
        if (node == null) {
            return null;
        }
        if (node instanceof ScalarNode scalar) {
            ByteSize size = ByteSize.parse(scalar.getValue()).orElse(null);
            if (size != null && size.bytes() >= min.bytes() && size.bytes() <= max.bytes()) {
                return size;
            }
        }
        problemAt(node, name, "must be a size from %s to %s, written as in 4MiB%s".formatted(min, max, found(node)));
        return null;
    }

    /** A field that may be written. */
    @Nullable
    FieldPath field(@Nullable Node node, String name) {
        return path(node, name, FieldPath::problem);
    }

    /** A field that is only read. */
    @Nullable
    FieldPath source(@Nullable Node node, String name) {
        return path(node, name, FieldPath::problemOfSource);
    }

    private @Nullable FieldPath path(@Nullable Node node, String name, Function<String, @Nullable String> check) {
        String text = text(node, name);
        if (text == null) {
            return null;
        }
        String problem = check.apply(text);
        if (problem != null) {
            problemAt(node, name, problem);
            return null;
        }
        return FieldPath.of(text);
    }

    /** A list of at least {@code atLeast} fields. */
    @Nullable
    List<FieldPath> fields(@Nullable Node node, String name, int atLeast) {
        if (node == null) {
            return null;
        }
        if (!(node instanceof SequenceNode sequence) || sequence.getValue().size() < atLeast) {
            problemAt(node, name, "must be a list of %s, as in [firstName, lastName]%s".formatted(
                    atLeast == 1 ? "fields" : "at least %d fields".formatted(atLeast), found(node)));
            return null;
        }
        List<FieldPath> fields = new ArrayList<>();
        boolean complete = true;
        for (int i = 0; i < sequence.getValue().size(); i++) {
            FieldPath field = field(sequence.getValue().get(i), name + "[" + i + "]");
            if (field == null) {
                complete = false;
            } else if (fields.contains(field)) {
                problemAt(sequence.getValue().get(i), name + "[" + i + "]", "'%s' is listed twice".formatted(field));
                complete = false;
            } else {
                fields.add(field);
            }
        }
        return complete ? fields : null;
    }

    /** Reports the keys that nobody took. {@code later} explains some that a user could expect. */
    void close(Map<String, String> later) {
        for (Map.Entry<String, NodeTuple> entry : entries.entrySet()) {
            String explanation = later.get(entry.getKey());
            problems.add(new PlanProblem(line(entry.getValue().getKeyNode()), path(entry.getKey()),
                    explanation != null ? explanation
                            : "is not a key of a plan here; the keys are "
                                    + known.stream().sorted().collect(Collectors.joining(", "))
                                    + NearMiss.hint(known, entry.getKey())));
        }
    }

    static int line(@Nullable Node node) {
        return node == null ? 0 : node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    private static String found(@Nullable Node node) {
        return switch (node) {
            case null -> "";
            case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> ", but is empty";
            case ScalarNode scalar when isQuotedNumber(scalar) -> ", not the text '%s': leave out the quotes"
                    .formatted(scalar.getValue());
            case ScalarNode scalar -> ", not '" + shortened(scalar.getValue()) + "'";
            case SequenceNode _ -> ", not a list";
            default -> ", not a mapping";
        };
    }

    private static boolean isQuotedNumber(ScalarNode scalar) {
        return !scalar.isPlain() && NUMBER.matcher(scalar.getValue()).matches();
    }

    private static String shortened(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
