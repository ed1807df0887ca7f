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
package dev.convexbackfill.testsupport;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Makes up steps of plans and documents that have something to do with each other: few field names, and values that steps like
 * as well as ones that they do not. As text, since modules have types of their own for both.
 */
public final class RandomMigrations {

    private static final List<String> FIELDS = List.of("a", "b", "c", "d", "name", "p", "p.x", "p.y", "p.y.z", "q.x");
    private static final List<String> VALUES = List.of("null", "true", "false", "0", "1", "-0.5", "12", "1e21",
            "1786000000000",
            "{\"$integer\":\"BQAAAAAAAAA=\"}", "{\"$integer\":\"/////////38=\"}", "{\"$float\":\"AAAAAAAA+H8=\"}",
            "{\"$float\":\"AAAAAAAAAIA=\"}", "{\"$bytes\":\"AQI=\"}", "\"\"", "\"12\"", "\"12abc\"", "\" 7 \"",
            "\"true\"",
            "\"no\"", "\"Ada Lovelace\"", "\"Cher\"", "\"Ana María de  la Cruz\"", "\"a,b, a,,c\"", "\"Zürich 🗼 עדה\"",
            "\"ADA@Example.com \"", "\"+1 415 555 2671\"", "\"HTTP://Example.com:80/a\"", "\"2026-07-01T12:00:00Z\"",
            "\"e\\u0301\"", "[]", "[1,2,1]", "[\"x\",\"x\",null]", "[[1],[1]]", "{}", "{\"x\":1}",
            "{\"x\":\"7\",\"y\":{\"z\":\"deep one\"},\"w\":[{}]}", "{\"y\":null}");
    private static final List<String> LITERALS = List.of("null", "true", "5", "-0.5", "x", "'12'", "{ $int64: 5 }",
            "[1, x]",
            "{ x: 1 }", "{ y: { z: 2 } }");
    private static final List<String> CONDITIONS = List.of("has(doc.a)", "!has(doc.b)", "has(doc.a) && doc.a == 1.0",
            "type(doc.name) == string", "doc.c == true", "doc.d.size() > 2");
    private static final List<String> EXPRESSIONS = List.of("doc.a", "'n' + string(doc.b)", "has(doc.c) ? doc.c : 0.0",
            "doc.name + '!'", "doc.a + 1.0", "[doc.a, doc.b]", "size(doc.d)", "1 / 0", "null", "{'x': doc.a}");
    private static final List<String> ELEMENTS = List.of("it", "it + 1.0", "string(it)",
            "type(it) == string ? it : 'n'");
    private static final List<String> ON_ERROR = List.of("quarantine", "keep", "{ default: 0 }",
            "{ default: unknown }");

    private final Random random;
    private final Map<String, Supplier<String>> kinds = new LinkedHashMap<>();

    /** Repeats itself for the same seed. */
    public RandomMigrations(long seed) {
        this.random = new Random(seed);
        kinds.put("rename", () -> fields("from: %s, to: %s", 2));
        kinds.put("copy", () -> fields("from: %s, to: %s", 2));
        kinds.put("drop", () -> fields("fields: [%s, %s]", 2));
        kinds.put("set", () -> fields("field: %s, value: ", 1) + one(LITERALS));
        kinds.put("default", () -> fields("field: %s, value: ", 1) + one(LITERALS));
        kinds.put("increment", () -> fields("field: %s, by: ", 1) + (random.nextInt(7) - 3));
        kinds.put("compute", () -> fields("field: %s, value: ", 1) + quoted(one(EXPRESSIONS)));
        kinds.put("split", () -> fields("from: %s, into: [%s, %s], at: ", 3) + separator() + ", remainder: "
                + one(List.of("first", "last", "drop", "fail")));
        kinds.put("combine", () -> fields("template: '{%s} ({%s})', into: %s", 3));
        kinds.put("convert", () -> fields("field: %s, to: ", 1)
                + one(List.of("number", "int64", "string", "boolean", "timestamp", "date")) + target("as"));
        kinds.put("normalize", () -> fields("field: %s, as: ", 1) + one(List.of("email", "phone, region: US", "url",
                "trim", "whitespace", "lower", "upper", "nfc", "nfkc")) + target("into"));
        kinds.put("nest", () -> fields("fields: [%s, %s], into: %s", 3)
                + (random.nextBoolean() ? ", defaults: { x: 1 }" : ""));
        kinds.put("flatten", () -> "from: %s, fields: { x: %s, y: %s }".formatted(one(List.of("p", "p.y", "q", "d")),
                one(List.of("a", "x1")), one(List.of("b", "y1"))));
        kinds.put("splitArray", () -> fields("from: %s, into: %s, at: ", 2) + separator() + ", keepEmpty: "
                + random.nextBoolean());
        kinds.put("unique", () -> fields("field: %s", 1));
        kinds.put("mapArray", () -> fields("field: %s, value: ", 1) + quoted(one(ELEMENTS)));
    }

    /** The names of the kinds of steps that it knows. */
    public Set<String> kinds() {
        return kinds.keySet();
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private String fields(String form, int number) {
        List<String> shuffled = new ArrayList<>(FIELDS);
        Collections.shuffle(shuffled, random);
        return form.formatted(shuffled.subList(0, number).toArray());
    }

    private String separator() {
        return one(List.of("whitespace", "','", "' '", "{ pattern: '[,;]' }"));
    }

    private String target(String key) {
        return random.nextInt(3) > 0 ? "" : ", " + key + ": " + one(List.of("a", "e", "p.t"));
    }

    private static String quoted(String expression) {
        return "\"" + expression + "\"";
    }

    /** One step of that kind, as YAML in one line; the parser may still refuse it. */
    public String step(String kind) {
        StringBuilder step = new StringBuilder("{ ").append(kind).append(": { ")
                .append(requireNonNull(kinds.get(kind), kind).get());
        if (random.nextInt(4) == 0) {
            step.append(", when: ").append(quoted(one(CONDITIONS)));
        }
        if (random.nextInt(3) == 0) {
            step.append(", onError: ").append(one(ON_ERROR));
        }
        return step.append(" } }").toString();
    }

    /** A step of any kind, as {@link #step(String)}. */
    public String step() {
        return step(one(List.copyOf(kinds.keySet())));
    }

    /** A document without system fields, in Convex's JSON. */
    public String document() {
        List<String> fields = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d", "name", "p", "q")) {
            if (random.nextInt(4) > 0) {
                fields.add("\"" + name + "\":" + one(VALUES));
            }
        }
        return "{" + String.join(",", fields) + "}";
    }

    /** From 0 to below {@code bound}. */
    public int number(int bound) {
        return random.nextInt(bound);
    }
}
