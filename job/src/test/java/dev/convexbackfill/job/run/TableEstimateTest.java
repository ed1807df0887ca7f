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

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.reader.PageSource.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class TableEstimateTest {

    private static final long TABLE = 10_001;

    private final NavigableSet<String> ids = new TreeSet<>();

    private void load(int documents) {
        Random random = new Random(7);
        for (int i = 0; i < documents; i++) {
            byte[] internal = new byte[DocumentId.INTERNAL_LENGTH];
            random.nextBytes(internal);
            ids.add(DocumentId.of(TABLE, internal).toString());
        }
    }

    private long estimate(int ranges) {
        DocumentPages pages = (after, through, _) -> {
            NavigableSet<String> rest = after == null ? ids : ids.tailSet(after, false);
            List<ConvexObject> page = new ArrayList<>();
            for (String id : through == null ? rest : rest.headSet(through, true)) {
                if (page.size() == TableEstimate.DOCUMENTS_OF_RANGE) {
                    return new Page(page, List.of(), false);
                }
                page.add(ConvexObject.of("_id", ConvexValue.of(id)));
            }
            return new Page(page, List.of(), true);
        };
        return TableEstimate.documents(Range.cut(TABLE, ranges), pages, CallOptions.DEFAULT);
    }

    @Test
    void ofALargeTableItIsAboutRight() {
        load(200_000);

        assertThat(estimate(64)).isCloseTo(200_000, Percentage.withPercentage(10));
        assertThat(estimate(5)).isCloseTo(200_000, Percentage.withPercentage(15));
    }

    @Test
    void ofATableThatIsReadToItsEndItIsExact() {
        load(1000);

        assertThat(estimate(8)).isEqualTo(1000);
    }

    @Test
    void ofNothingItIsNothing() {
        assertThat(estimate(64)).isZero();
    }
}
