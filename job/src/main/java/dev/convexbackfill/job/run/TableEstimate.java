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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.reader.PageSource.Page;
import java.util.List;

/**
 * About how many documents a table has, where the deployment does not say: ids are random, so as densely as documents lie at the
 * beginnings of some ranges they lie everywhere.
 */
final class TableEstimate {

    /** What is read of a range at most. */
    static final int DOCUMENTS_OF_RANGE = 200;
    private static final int RANGES = 16;

    private TableEstimate() {}

    /** Of all that {@code ranges} hold. Exact for a table of which all was read. */
    static long documents(List<Range> ranges, DocumentPages pages, CallOptions options) {
        int chosen = Math.min(RANGES, ranges.size());
        long read = 0;
        double covered = 0;
        for (int i = 0; i < chosen; i++) {
            Range range = ranges.get((int) ((long) i * ranges.size() / chosen));
            Page page = pages.read(range.after(), range.through(), options);
            read += page.documents().size();
            covered += page.isLast() ? 1 : range.fractionAt(page.end());
        }
        return covered == 0 ? read : Math.round(read / covered * ranges.size());
    }
}
