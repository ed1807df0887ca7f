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
package dev.convexbackfill.job.run;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.readerswriters.reader.Slice;
import java.util.List;
import java.util.stream.Stream;

/** Leaves of a range's slices only so many documents: the first. For one thread. */
final class FirstDocuments {

    private long left;

    FirstDocuments(long documents) {
        this.left = documents;
    }

    /** True once there were so many. */
    boolean areRead() {
        return left <= 0;
    }

    /** As much of a slice, with what is gone, as is wanted. A slice that was cut is never the last of its range. */
    Slice of(Slice slice) {
        int all = slice.documents().size() + slice.gone().size();
        if (all <= left) {
            left -= all;
            return slice;
        }
        String last = Stream.concat(slice.documents().stream().map(FirstDocuments::id), slice.gone().stream()).sorted()
                .skip(left - 1).findFirst().orElseThrow();
        left = 0;
        List<ConvexObject> documents = slice.documents().stream()
                .filter(document -> id(document).compareTo(last) <= 0).toList();
        return new Slice(documents, slice.gone().stream().filter(id -> id.compareTo(last) <= 0).toList(), false);
    }

    private static String id(ConvexObject document) {
        return document.string(FieldName.ID);
    }
}
