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
package dev.convexbackfill.job.rehearsal.report;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is different between a document and itself. */
final class DocumentDiff {

    private DocumentDiff() {}

    /**
     * A field that is different on one side: its value there.
     *
     * @param isRemoved true for what goes, false for what comes
     */
    record Line(boolean isRemoved, String field, String value) {}

    /** In the order of fields; objects are compared inside. Values of more than {@code maxLength} characters are cut. */
    static List<Line> lines(ConvexObject before, ConvexObject after, int maxLength) {
        List<Line> lines = new ArrayList<>();
        compare("", before, after, maxLength, lines);
        return lines;
    }

    private static void compare(String prefix, ConvexObject before, ConvexObject after, int maxLength,
            List<Line> lines) {
        TreeSet<String> names = new TreeSet<>(before.names());
        names.addAll(after.names());
        if (prefix.isEmpty()) {
            // a copy has others, which nobody knows yet
            names.removeIf(FieldName::isSystem);
        }
        for (String name : names) {
            ConvexValue old = before.get(name);
            ConvexValue now = after.get(name);
            if (old instanceof ConvexObject oldObject && now instanceof ConvexObject nowObject) {
                compare(prefix + name + ".", oldObject, nowObject, maxLength, lines);
            } else if (old == null || !old.equals(now)) {
                add(true, prefix + name, old, maxLength, lines);
                add(false, prefix + name, now, maxLength, lines);
            }
        }
    }

    private static void add(boolean isRemoved, String field, @Nullable ConvexValue value, int maxLength,
            List<Line> lines) {
        if (value != null) {
            lines.add(new Line(isRemoved, Printable.text(field), shortened(value, maxLength)));
        }
    }

    private static String shortened(ConvexValue value, int maxLength) {
        String text = Printable.text(ConvexJson.encodeToString(value));
        return text.length() <= maxLength ? text : text.substring(0, maxLength) + "…";
    }
}
