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
package dev.convexbackfill.readerswriters.verification;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field in which two documents differ, as Convex compares: -0 is not 0, an int64 is no number, and the order of fields is
 * nothing.
 *
 * @param left  null for a field that is missing
 * @param right null for a field that is missing
 */
record Difference(String field, @Nullable ConvexValue left, @Nullable ConvexValue right) {

    /** In the order of names; fields that Convex sets itself are left out. */
    static List<Difference> between(ConvexObject left, ConvexObject right) {
        List<Difference> differences = new ArrayList<>();
        left.forEachDifference(right, (name, mine, theirs) -> {
            if (!FieldName.isSystem(name)) {
                differences.add(new Difference(name, mine, theirs));
            }
        });
        return differences;
    }

    static @Nullable Difference first(ConvexObject left, ConvexObject right) {
        List<Difference> differences = between(left, right);
        return differences.isEmpty() ? null : differences.getFirst();
    }
}
