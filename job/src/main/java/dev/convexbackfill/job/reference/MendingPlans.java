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
package dev.convexbackfill.job.reference;

import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.job.reference.SearchState.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The plans that put new ids where the old ones are, as far as the step {@code reference} reaches: into fields, also inside of
 * objects, and into the arrays that these hold; not into objects in arrays, arrays in arrays, or names of fields.
 *
 * @param plans       one of each table, by its name; texts that {@code run} takes
 * @param unreachable fields that no plan mends
 */
public record MendingPlans(Map<String, String> plans, List<Field> unreachable) {

    private static final int MAX_NAME = 60;
    private static final String USUAL_FUNCTIONS = "backfill";
    private static final String ELEMENTS = "[]";
    private static final Set<String> WORDS_OF_YAML = Set.of("true", "false", "null", "yes", "no", "on", "off", "y",
            "n");

    public MendingPlans {
        unreachable = List.copyOf(unreachable);
    }

    /**
     * Those for what the search of a rollback has found.
     *
     * @param functions the module that {@code backfill.ts} is installed as
     */
    public static MendingPlans of(String rollback, String functions, List<Field> fields) {
        Map<String, List<String>> reachable = new LinkedHashMap<>();
        List<Field> unreachable = new ArrayList<>();
        for (Field field : fields) {
            Optional<String> path = path(field.name());
            path.ifPresentOrElse(
                    given -> reachable.computeIfAbsent(field.table(), _ -> new ArrayList<>()).add(given),
                    () -> unreachable.add(field));
        }
        Map<String, String> plans = new LinkedHashMap<>();
        reachable.forEach((table, paths) -> plans.put(table,
                plan(rollback, functions, table, paths.stream().distinct().toList())));
        return new MendingPlans(plans, unreachable);
    }

    /** As plans say it; empty if they can't. */
    private static Optional<String> path(String field) {
        String path = field.endsWith(ELEMENTS) ? field.substring(0, field.length() - ELEMENTS.length()) : field;
        boolean isPlain = path.chars().noneMatch(character -> "[]{}*".indexOf(character) >= 0);
        return isPlain && FieldPath.problem(path) == null ? Optional.of(path) : Optional.empty();
    }

    private static String plan(String rollback, String functions, String table, List<String> paths) {
        StringBuilder plan = new StringBuilder("""
                apiVersion: backfill/v1
                name: %s
                table: %s
                %stransform:
                """.formatted(name(rollback, table), scalar(table),
                functions.equals(USUAL_FUNCTIONS) ? "" : "functions: " + scalar(functions) + "\n"));
        paths.forEach(path -> plan
                .append("  - reference: { field: %s, run: %s }\n".formatted(scalar(path), scalar(rollback))));
        return plan.toString();
    }

    /** One that is likely to be free: a run is known by the name of its plan. */
    private static String name(String rollback, String table) {
        String name = "mend-%s-%s".formatted(table.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-"), rollback);
        return name.substring(0, Math.min(name.length(), MAX_NAME)).replaceAll("-+$", "");
    }

    private static String scalar(String text) {
        boolean isPlain = text.matches("[A-Za-z][A-Za-z0-9_.-]*")
                && !WORDS_OF_YAML.contains(text.toLowerCase(Locale.ROOT));
        return isPlain ? text : "'" + text.replace("'", "''") + "'";
    }
}
