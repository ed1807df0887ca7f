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
package dev.convexbackfill.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The tables of {@code docs/compatibility.md}: what Convex has, and whether it is the same here. */
record CompatibilityTable(List<Row> rows, List<String> malformed) {

    private static final List<String> HEADER = List.of("Convex", "Here", "How it differs", "Tests");
    private static final String SAME = "same";
    private static final String DIFFERENT = "different";
    private static final Set<String> STATUSES = Set.of(SAME, DIFFERENT, "not there");

    private static final Pattern BAR = Pattern.compile("(?<!\\\\)\\|");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    CompatibilityTable {
        rows = List.copyOf(rows);
        malformed = List.copyOf(malformed);
    }

    /** One thing that Convex has; {@code tests} are the names of those that say so. */
    record Row(int line, String convex, String here, String difference, List<String> tests) {

        Row {
            tests = List.copyOf(tests);
        }

        /** Every name in the first cell that is written as code. */
        List<String> names() {
            return quoted(convex);
        }

        private List<String> problems(Set<String> existingTests) {
            List<String> problems = new ArrayList<>();
            if (!STATUSES.contains(here)) {
                problems.add("line %d: '%s' is none of 'same', 'different' and 'not there'".formatted(line, here));
            }
            if (here.equals(SAME) && tests.isEmpty()) {
                problems.add("line %d: 'same' needs a test that says so".formatted(line));
            }
            if (here.equals(DIFFERENT) && difference.isEmpty()) {
                problems.add("line %d: 'different' must say how".formatted(line));
            }
            tests.stream().filter(test -> !existingTests.contains(test))
                    .forEach(test -> problems.add("line %d: there is no test '%s'".formatted(line, test)));
            return problems;
        }
    }

    static CompatibilityTable parse(String markdown) {
        List<Row> rows = new ArrayList<>();
        List<String> malformed = new ArrayList<>();
        List<String> lines = markdown.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).startsWith("|")) {
                continue;
            }
            List<String> cells = cells(lines.get(i));
            if (cells.size() != HEADER.size()) {
                malformed.add("line %d: a row has %d cells".formatted(i + 1, HEADER.size()));
            } else if (!cells.equals(HEADER) && !cells.stream().allMatch(cell -> cell.matches("-+"))) {
                List<String> tests = quoted(cells.get(3));
                if (!QUOTED.matcher(cells.get(3)).replaceAll("").matches("[, ]*")) {
                    malformed.add("line %d: the names of tests are written as code".formatted(i + 1));
                }
                rows.add(new Row(i + 1, cells.get(0), cells.get(1), cells.get(2), tests));
            }
        }
        return new CompatibilityTable(rows, malformed);
    }

    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>(BAR.splitAsStream(line.strip()).map(String::strip).toList());
        // what comes before the first bar
        cells.removeFirst();
        return cells;
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell).results().map((MatchResult found) -> found.group(1).replace("\\|", "|")).toList();
    }

    /** What is wrong with the rows; {@code existingTests} as {@link TestNames} finds them. */
    List<String> problems(Set<String> existingTests) {
        List<String> problems = new ArrayList<>(malformed);
        if (rows.isEmpty()) {
            problems.add("there are no rows");
        }
        rows.forEach(row -> problems.addAll(row.problems(existingTests)));
        return problems;
    }

    /** Those of {@code served} that no row names. A name that ends in a slash is named by whatever it begins. */
    List<String> missing(Set<String> served) {
        List<String> named = rows.stream().flatMap(row -> row.names().stream()).toList();
        return served.stream()
                .filter(name -> named.stream()
                        .noneMatch(other -> other.equals(name) || (name.endsWith("/") && other.startsWith(name))))
                .sorted().toList();
    }
}
