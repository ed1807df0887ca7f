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

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;

/** The keys that the parser knows. It says so itself, wherever a mapping has one that it does not know. */
final class PlanKeys {

    private static final String UNKNOWN = "keyThatNobodyKnows";
    private static final Pattern KNOWN = Pattern
            .compile("the keys are (\\w+(?:, \\w+)*)|exactly one of the keys (\\w+(?:, \\w+)*), not ");

    private final Map<String, Set<String>> keys = new TreeMap<>();
    private final @Nullable Object plan;

    private PlanKeys(@Nullable Object plan) {
        this.plan = plan;
    }

    /** By place, such as {@code transform.split}; only of mappings that the plan has. */
    static Map<String, Set<String>> of(String plan) {
        PlanKeys keys = new PlanKeys(PlanSchema.value(plan));
        keys.visit(keys.plan, List.of());
        return keys.keys;
    }

    private void visit(@Nullable Object value, List<Object> path) {
        switch (value) {
            case Map<?, ?> map -> {
                ask(path);
                map.forEach((name, element) -> visit(element, and(path, name)));
            }
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    visit(list.get(i), and(path, i));
                }
            }
            case null, default -> {
                // has no keys
            }
        }
    }

    private static List<Object> and(List<Object> path, @Nullable Object step) {
        List<Object> longer = new ArrayList<>(path);
        longer.add(step == null ? "" : step);
        return longer;
    }

    private void ask(List<Object> path) {
        String broken = new Dump(DumpSettings.builder().build()).dumpToString(withUnknownKey(plan, path));
        boolean isStep = !path.isEmpty() && path.getLast() instanceof Integer;
        String mapping = key(path);
        String reportedAt = isStep ? mapping : mapping.isEmpty() ? UNKNOWN : mapping + "." + UNKNOWN;
        try {
            PlanParser.parse("plan.yaml", broken);
        } catch (InvalidPlanException invalid) {
            invalid.problems().stream().filter(problem -> problem.key().equals(reportedAt))
                    .map(problem -> KNOWN.matcher(problem.message())).filter(Matcher::find)
                    .forEach(known -> keys.computeIfAbsent(mapping.replaceAll("\\[\\d+]", ""), _ -> new TreeSet<>())
                            .addAll(List.of((known.group(1) == null ? known.group(2) : known.group(1)).split(", "))));
        }
    }

    /** As the parser writes it. */
    private static String key(List<Object> path) {
        StringBuilder key = new StringBuilder();
        for (Object step : path) {
            key.append(step instanceof Integer ? "[" + step + "]" : (key.isEmpty() ? "" : ".") + step);
        }
        return key.toString();
    }

    /** A copy in which the mapping there also has the unknown key; in place of all others if it is a step. */
    private static @Nullable Object withUnknownKey(@Nullable Object value, List<Object> path) {
        if (path.isEmpty()) {
            Map<Object, @Nullable Object> map = new LinkedHashMap<>((Map<?, ?>) value);
            map.put(UNKNOWN, 1);
            return map;
        }
        List<Object> rest = path.subList(1, path.size());
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>(list);
            int i = (int) path.getFirst();
            boolean isStep = rest.isEmpty();
            copy.set(i, isStep ? Map.of(UNKNOWN, Map.of()) : withUnknownKey(copy.get(i), rest));
            return copy;
        }
        Map<Object, @Nullable Object> copy = new LinkedHashMap<>((Map<?, ?>) value);
        copy.put(path.getFirst(), withUnknownKey(copy.get(path.getFirst()), rest));
        return copy;
    }
}
