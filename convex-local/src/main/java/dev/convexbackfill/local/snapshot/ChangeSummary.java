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
package dev.convexbackfill.local.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/**
 * What an import is going to do, as a table for people. Source: {@code table_change.rs} and {@code confirmation.rs} of the
 * Convex backend.
 */
final class ChangeSummary {

    private ChangeSummary() {}

    /**
     * What happens to a table.
     *
     * @param isMissingId true if a document of the file has no id
     */
    record Change(long added, long deleted, long existing, boolean isMissingId) {}

    /** The message that is to be confirmed. */
    static String message(SortedMap<String, Change> changes, List<String> leftOut) {
        List<String> lines = new ArrayList<>();
        if (!changes.isEmpty()) {
            lines.add("Import change summary:");
            lines.addAll(table(changes));
        }
        lines.addAll(leftOut);
        lines.add("Once the import has started, it will run in the background.");
        lines.add("Interrupting `npx convex import` will not cancel it.");
        return String.join("\n", lines);
    }

    private static List<String> table(SortedMap<String, Change> changes) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("table", "create", "delete"));
        for (Map.Entry<String, Change> change : changes.entrySet()) {
            rows.add(List.of(change.getKey(), number(change.getValue().added()),
                    number(change.getValue().deleted()) + " of " + number(change.getValue().existing())));
        }
        int[] widths = new int[3];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        String format = "%%-%ds | %%-%ds | %%-%ds |".formatted(widths[0], widths[1], widths[2]);
        rows.forEach(row -> lines.add(format.formatted(row.toArray())));
        lines.add(1, "-".repeat(widths[0] + 3 + widths[1] + 3 + widths[2] + 2));
        return lines;
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
