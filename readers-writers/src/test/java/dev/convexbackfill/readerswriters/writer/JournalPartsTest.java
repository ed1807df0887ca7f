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

import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.readerswriters.journal.JournalParts;
import dev.convexbackfill.readerswriters.journal.JournalParts.Part;
import dev.convexbackfill.readerswriters.journal.JournalParts.Stretch;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A table cut where the chunks of a run have ended. */
class JournalPartsTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void stretchesFollowEachOtherToTheEndHoweverManyDocumentsAreWanted(TestDatabase.Kind kind) throws Exception {
        try (TestTable table = new TestTable(kind, folder, 137, "- increment: { field: count }\n",
                TransactionLimits.CONVEX, DocumentSchema.NONE)) {
            table.work(1);
            String last = table.documents().stream().map(document -> document.string("_id")).sorted().toList()
                    .getLast();

            for (long wanted : List.of(1L, 50L, 137L, Long.MAX_VALUE)) {
                List<Stretch> stretches = stretches(table.parts(), wanted);

                assertThat(stretches.getFirst().after()).isNull();
                for (int i = 1; i < stretches.size(); i++) {
                    assertThat(stretches.get(i).after()).isEqualTo(stretches.get(i - 1).through());
                }
                assertThat(stretches.getLast().through()).isNull();
                assertThat(stretches.getLast().lastEnd()).isEqualTo(last);
                assertThat(stretches.stream().mapToLong(Stretch::documents).sum()).isEqualTo(137);
                assertThat(stretches.subList(0, stretches.size() - 1))
                        .allSatisfy(stretch -> assertThat(stretch.documents()).isGreaterThanOrEqualTo(wanted));
            }
            assertThat(stretches(table.parts(), 1)).hasSizeGreaterThan(stretches(table.parts(), 137).size());
        }
    }

    private static List<Stretch> stretches(JournalParts parts, long wanted) {
        List<Stretch> all = new ArrayList<>();
        all.add(parts.next(null, null, wanted));
        while (!all.getLast().isLast()) {
            all.add(parts.next(all.getLast().through(), null, wanted));
        }
        return all;
    }

    @Test
    void aStretchIsCutWhereItsPiecesHaveDocumentsOrBytesEnough() {
        Stretch stretch = new Stretch("a", Stream.of(part("b", 6, 10), part("c", 5, 10), part("d", 1, 70),
                part("e", 1, 30), part("f", 20, 1), part(null, 0, 0)).toList(), true);

        List<Stretch> pieces = stretch.pieces(10, 100);

        assertThat(pieces).extracting(Stretch::after).containsExactly("a", "c", "e", "f");
        assertThat(pieces).extracting(Stretch::through).containsExactly("c", "e", "f", null);
        assertThat(pieces).extracting(Stretch::isLast).containsExactly(false, false, false, true);
        assertThat(pieces.stream().flatMap(piece -> piece.parts().stream())).isEqualTo(stretch.parts());
    }

    private static Part part(@Nullable String end, long changed, long bytes) {
        return new Part(end, changed, 0, DocumentDigest.NONE, bytes);
    }
}
