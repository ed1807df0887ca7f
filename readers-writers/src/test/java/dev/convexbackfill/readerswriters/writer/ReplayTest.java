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

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore.Row;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents in quarantine are tried again, and each that can be changed now is changed once, whoever dies meanwhile. */
class ReplayTest {

    private static final int DOCUMENTS = 60;
    private static final String INCREMENT = "- increment: { field: count }\n";
    private static final String CORRECTED = "- set: { field: count, value: 0, when: \"doc.count == 'none'\" }\n"
            + INCREMENT;
    private static final CallOptions ONCE = CallOptions.DEFAULT.withRetry(RetryPolicy.NEVER);

    @TempDir
    private Path folder;

    private final List<TestTable> tables = new ArrayList<>();

    @AfterEach
    void close() {
        tables.forEach(TestTable::close);
    }

    /** A run over counts, every second of which is a text and in quarantine now. */
    private TestTable quarantined(TestDatabase.Kind kind) throws Exception {
        TestTable table = new TestTable(kind, folder, DOCUMENTS, INCREMENT, TransactionLimits.CONVEX,
                DocumentSchema.NONE);
        tables.add(table);
        for (ConvexObject document : table.documents()) {
            boolean isText = document.number("n") % 2 == 1;
            table.appWrites(document.string("_id"),
                    Map.of("count", isText ? ConvexValue.of("none") : ConvexValue.number(0)));
        }
        table.work(1);
        assertThat(table.stores.quarantine().count(TestTable.RUN)).isEqualTo(DOCUMENTS / 2);
        return table;
    }

    private static List<ConvexObject> texts(TestTable table) {
        return table.documents().stream().filter(document -> document.get("count") instanceof ConvexString).toList();
    }

    private static void requireAllChangedOnce(TestTable table, RangeClaim claim) {
        assertThat(table.documents()).hasSize(DOCUMENTS)
                .allSatisfy(document -> assertThat(document.number("count")).isEqualTo(1));
        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(claim.entry().counts()).isEqualTo(new Counts(DOCUMENTS / 2, DOCUMENTS / 2, 0, 0, 0, 0));
        assertThat(table.stores.quarantine().count(TestTable.RUN)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void whatFailsAgainStaysWithItsNewReasonAndAllElseLeaves(TestDatabase.Kind kind) throws Exception {
        TestTable table = quarantined(kind);
        QuarantineStore store = table.stores.quarantine();
        List<ConvexObject> texts = texts(table);
        Row before = store.page(TestTable.RUN, null, 1).getFirst();
        assertThat(before.document().input()).isEqualTo(InputDigest.of(texts.stream()
                .filter(text -> text.string("_id").equals(before.document().id())).findFirst().orElseThrow()));
        texts.subList(0, 7).forEach(text -> table.appDeletes(text.string("_id")));
        texts.subList(7, 12)
                .forEach(text -> table.appWrites(text.string("_id"), Map.of("count", ConvexValue.number(41))));
        texts.subList(12, 15)
                .forEach(text -> table.appWrites(text.string("_id"), Map.of("count", ConvexValue.of("few"))));

        RangeClaim claim = new TestReplay(table, CORRECTED).work(1, CallOptions.DEFAULT, () -> {});

        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(claim.entry().counts()).isEqualTo(new Counts(30, 20, 0, 7, 3, 0));
        assertThat(table.documents().stream().map(document -> document.get("count")).distinct())
                .containsExactlyInAnyOrder(ConvexValue.number(1), ConvexValue.number(42), ConvexValue.of("few"));
        assertThat(store.runs(TestTable.RUN)).containsExactly(TestReplay.REPLAY.run());
        assertThat(store.count(TestTable.RUN)).isEqualTo(3);
        assertThat(store.page(TestReplay.REPLAY.run(), null, 10)).hasSize(3).allSatisfy(row -> {
            assertThat(row.planDigest()).isNotEqualTo(before.planDigest());
            assertThat(row.document().message()).isEqualTo("increment: 'count' holds string and no number");
        });
    }

    @ParameterizedTest
    @CsvSource({"resetBeforeCommit, 2", "replyLost, 2", "replyLost, 3"})
    void whoeverDiesAroundAChunkLeavesALedgerFromWhichTheNextGoesOn(String fault, int every) throws Exception {
        TestTable table = quarantined(TestDatabase.Kind.H2);
        TestReplay replay = new TestReplay(table, CORRECTED);
        RangeClaim claim = null;
        int died = 0;
        for (long fence = 1; claim == null; fence++) {
            table.deployment.setFaults(Faults.fromJson(ConvexObject.of(fault, ConvexValue.number(every), "functions",
                    ConvexValue.of("backfill:apply"))));
            try {
                claim = replay.work(fence, ONCE, () -> {});
            } catch (ConvexException death) {
                died++;
                table.deployment.setFaults(Faults.NONE);
            }
        }

        assertThat(died).isGreaterThan(1);
        requireAllChangedOnce(table, claim);
    }

    /** Pages and chunks begin and end with documents that are gone, or hold nothing else. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 30})
    void whatIsGoneIsCountedOnceWhoeverDies(int gone) throws Exception {
        TestTable table = quarantined(TestDatabase.Kind.H2);
        List<ConvexObject> texts = texts(table).stream().sorted(comparing(text -> text.string("_id"))).toList();
        texts.subList(0, gone / 2).forEach(text -> table.appDeletes(text.string("_id")));
        texts.subList(30 - (gone + 1) / 2, 30).forEach(text -> table.appDeletes(text.string("_id")));
        TestReplay replay = new TestReplay(table, CORRECTED);
        RangeClaim claim = null;
        for (long fence = 1; claim == null; fence++) {
            try {
                claim = replay.work(fence, CallOptions.DEFAULT, () -> {
                    throw new IllegalStateException("dies");
                });
            } catch (IllegalStateException death) {
                // the next one goes on
            }
        }

        assertThat(claim.entry().counts()).isEqualTo(new Counts(30, 30 - gone, 0, gone, 0, 0));
        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(table.stores.quarantine().count(TestTable.RUN)).isZero();
        assertThat(table.documents()).hasSize(DOCUMENTS - gone)
                .allSatisfy(document -> assertThat(document.number("count")).isEqualTo(1));
    }

    @ParameterizedTest
    @EnumSource
    void whoeverDiesBetweenAChunkAndTheQuarantineLeavesNothingThatIsAppliedAgain(TestDatabase.Kind kind)
            throws Exception {
        TestTable table = quarantined(kind);
        TestReplay replay = new TestReplay(table, CORRECTED);
        RangeClaim claim = null;
        int died = 0;
        for (long fence = 1; claim == null; fence++) {
            try {
                claim = replay.work(fence, CallOptions.DEFAULT, () -> {
                    throw new IllegalStateException("dies");
                });
            } catch (IllegalStateException death) {
                died++;
            }
        }

        assertThat(died).isGreaterThan(1);
        requireAllChangedOnce(table, claim);
    }

    @Test
    void anOldOwnerOfTheReplayChangesNothingMore() throws Exception {
        TestTable table = quarantined(TestDatabase.Kind.H2);
        TestReplay replay = new TestReplay(table, CORRECTED);
        List<RangeClaim> claims = new ArrayList<>();

        assertThat(catchThrowable(() -> replay.work(1, CallOptions.DEFAULT, () -> {
            try {
                if (claims.isEmpty()) {
                    claims.add(replay.work(2, CallOptions.DEFAULT, () -> {}));
                }
            } catch (Exception impossible) {
                throw new IllegalStateException(impossible);
            }
        }))).isInstanceOf(FencedException.class);

        requireAllChangedOnce(table, claims.getFirst());
    }
}
