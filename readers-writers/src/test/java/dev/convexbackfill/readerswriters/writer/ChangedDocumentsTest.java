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
package dev.convexbackfill.readerswriters.writer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.rollback.ChangesAhead;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The journal read by the ids of documents, whatever the order in which they were written. */
class ChangedDocumentsTest {

    private static final String INCREMENT = "- increment: { field: count }\n";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void everyDocumentComesOnceInTheOrderOfIdsHoweverManyAreAskedFor(TestDatabase.Kind kind) throws Exception {
        try (TestTable table = new TestTable(kind, folder, 137, INCREMENT, TransactionLimits.CONVEX,
                DocumentSchema.NONE)) {
            // each slice has documents that are settled later, in a chunk of their own
            table.work(1, CallOptions.DEFAULT, slice -> slice.documents().stream()
                    .filter(document -> document.number("n") % 3 == 0)
                    .forEach(document -> table.appWrites(document.string("_id"),
                            Map.of("count", ConvexValue.number(5)))));
            List<String> ids = table.documents().stream().map(document -> document.string("_id")).sorted().toList();
            ChangedDocuments changed = table.changed(List.of());

            for (int limit : List.of(1, 7, 50, 137, 1000)) {
                List<JournaledChange> all = new ArrayList<>();
                String after = null;
                while (true) {
                    List<JournaledChange> some = changed.next(after, null, limit);
                    all.addAll(some);
                    if (some.size() < limit) {
                        break;
                    }
                    after = some.getLast().id();
                }
                assertThat(all).extracting(JournaledChange::id).isEqualTo(ids);
                assertThat(all).filteredOn(change -> change.before().has("count")).hasSize(46)
                        .allSatisfy(change -> assertThat(change.after("count")).isEqualTo(ConvexValue.number(6)));
            }
            assertThat(changed.next(ids.get(3), ids.get(90), 1000)).extracting(JournaledChange::id)
                    .isEqualTo(ids.subList(4, 91));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatCameWithAPageIsNeitherLostNorRepeatedInTheNext(TestDatabase.Kind kind) throws Exception {
        try (TestTable table = new TestTable(kind, folder, 137, INCREMENT, TransactionLimits.CONVEX,
                DocumentSchema.NONE)) {
            table.work(1);
            List<String> ids = table.documents().stream().map(document -> document.string("_id")).sorted().toList();
            ChangesAhead ahead = new ChangesAhead(table.changed(List.of()));

            // the same page again, a smaller one, one in the midst, one up to an id, and then on
            assertThat(ahead.next(null, null, 7)).isEqualTo(ids.subList(0, 7));
            assertThat(ahead.next(null, null, 7)).isEqualTo(ids.subList(0, 7));
            assertThat(ahead.next(ids.get(6), null, 45)).isEqualTo(ids.subList(7, 52));
            assertThat(ahead.next(ids.get(6), null, 3)).isEqualTo(ids.subList(7, 10));
            assertThat(ahead.next(ids.get(51), ids.get(53), 45)).isEqualTo(ids.subList(52, 54));
            assertThat(ahead.next(ids.get(9), ids.get(12), 3)).isEqualTo(ids.subList(10, 13));
            assertThat(ahead.next(ids.get(9), ids.get(10), 3)).isEqualTo(ids.subList(10, 11));
            assertThat(ahead.next(ids.get(12), null, 1)).isEqualTo(ids.subList(13, 14));
            assertThat(ahead.next(ids.get(13), null, 1000)).isEqualTo(ids.subList(14, 137));
            assertThat(ahead.next(ids.get(136), null, 1)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void someDocumentsAreFoundByTheirIds(TestDatabase.Kind kind) throws Exception {
        try (TestTable table = new TestTable(kind, folder, 60, INCREMENT, TransactionLimits.CONVEX,
                DocumentSchema.NONE)) {
            table.work(1);
            List<String> ids = table.documents().stream().map(document -> document.string("_id")).sorted().toList();
            List<String> some = List.of(ids.get(0), ids.get(31), ids.get(59));

            assertThat(table.changed(List.of()).of(some).keySet()).containsExactlyInAnyOrderElementsOf(some);
            assertThat(table.changed(some).next(ids.get(0), null, 10)).extracting(JournaledChange::id)
                    .isEqualTo(some.subList(1, 3));
        }
    }
}
