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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.journal.FieldChange;
import dev.convexbackfill.readerswriters.journal.JournalStore.AppliedChunk;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.batch.core.job.JobInterruptedException;

class RangeWritingTest {

    private static final String INCREMENT = "- increment: { field: count }\n";
    private static final CallOptions ONCE = CallOptions.DEFAULT.withRetry(RetryPolicy.NEVER);

    @TempDir
    private Path folder;

    private final List<TestTable> tables = new ArrayList<>();

    @AfterEach
    void close() {
        tables.forEach(TestTable::close);
    }

    private TestTable table(TestDatabase.Kind kind, int documents, String steps, TransactionLimits limits,
            DocumentSchema schema) {
        TestTable table = new TestTable(kind, folder, documents, steps, limits, schema);
        tables.add(table);
        return table;
    }

    private TestTable table(int documents, String steps) {
        return table(TestDatabase.Kind.H2, documents, steps, TransactionLimits.CONVEX, DocumentSchema.NONE);
    }

    private static List<Double> counts(TestTable table) {
        return table.documents().stream().map(document -> document.has("count") ? document.number("count") : 0)
                .toList();
    }

    private static List<Double> times(int documents, double count) {
        return IntStream.range(0, documents).mapToObj(_ -> count).toList();
    }

    /** Ids in the journal, as often as a chunk has changed them. */
    private static List<String> journaled(TestTable table) {
        List<String> ids = new ArrayList<>();
        for (AppliedChunk chunk : table.stores.journal().applied(TestTable.RUN, 0)) {
            for (ConvexValue change : chunk.changes()) {
                String id = ((ConvexObject) change).string("id");
                if (!chunk.skipped().contains(id)) {
                    ids.add(id);
                }
            }
        }
        return ids;
    }

    @ParameterizedTest
    @EnumSource
    void everyDocumentIsChangedOnceAndJournaled(TestDatabase.Kind kind) throws Exception {
        TestTable table = table(kind, 137, INCREMENT, TransactionLimits.CONVEX, DocumentSchema.NONE);

        RangeClaim claim = table.work(1);

        assertThat(counts(table)).isEqualTo(times(137, 1));
        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(claim.entry().counts()).isEqualTo(new Counts(137, 137, 0, 0, 0, 0));
        assertThat(table.stores.ranges().get(TestTable.RUN, 0).counts()).isEqualTo(claim.entry().counts());
        assertThat(journaled(table)).containsExactlyInAnyOrderElementsOf(
                table.documents().stream().map(document -> document.string("_id")).toList());
        ConvexObject first = (ConvexObject) table.stores.journal().applied(TestTable.RUN, 0).getFirst().changes()
                .get(0);
        assertThat(first.object("expect")).isEqualTo(ConvexObject.EMPTY);
        assertThat(first.array("absent")).isEqualTo(ConvexValue.array(ConvexValue.of("count")));
        assertThat(table.fieldChanges()).containsExactly(new FieldChange("count", 137, 0, 0, 0));
    }

    @Test
    void anEmptyTableIsDone() throws Exception {
        assertThat(table(0, INCREMENT).work(1).entry().isComplete()).isTrue();
    }

    @Test
    void aRangeThatIsDoneStaysAsItIs() throws Exception {
        TestTable table = table(20, INCREMENT);
        table.work(1);
        table.work(2);

        assertThat(counts(table)).isEqualTo(times(20, 1));
    }

    @Test
    void documentsThatNeedNoChangeCostFewChunks() throws Exception {
        TestTable table = table(500, "- default: { field: s, value: x }\n");

        RangeClaim claim = table.work(1);

        assertThat(claim.entry().counts()).isEqualTo(new Counts(500, 0, 500, 0, 0, 0));
        assertThat(claim.entry().sequence()).isEqualTo(1);
        assertThat(table.stores.journal().applied(TestTable.RUN, 0)).singleElement()
                .satisfies(chunk -> assertThat(chunk.changes().values()).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"resetBeforeCommit, 3", "replyLost, 3", "replyLost, 2", "resetBeforeCommit, 2"})
    void whoeverDiesAroundAChunkLeavesALedgerFromWhichTheNextGoesOn(String fault, int every) throws Exception {
        TestTable table = table(137, INCREMENT);
        long fence = 0;
        RangeClaim claim = null;
        while (claim == null) {
            fence++;
            table.deployment.setFaults(Faults.fromJson(
                    ConvexObject.of(fault, ConvexValue.number(every), "functions", ConvexValue.of("backfill:apply"))));
            try {
                claim = table.work(fence, ONCE, _ -> {});
            } catch (ConvexException died) {
                table.deployment.setFaults(Faults.NONE);
            }
        }
        assertThat(fence).as("owners that died").isGreaterThan(3);
        assertThat(counts(table)).isEqualTo(times(137, 1));
        assertThat(claim.entry().counts()).isEqualTo(new Counts(137, 137, 0, 0, 0, 0));
        assertThat(journaled(table)).hasSize(137).doesNotHaveDuplicates();
        assertThat(table.fieldChanges()).describedAs("each document is counted once")
                .containsExactly(new FieldChange("count", 137, 0, 0, 0));
    }

    @Test
    void aLostReplyIsAskedForAgainAndNothingHappensTwice() throws Exception {
        TestTable table = table(137, INCREMENT);
        table.deployment.setFaults(Faults.fromJson(ConvexObject.of("replyLost", ConvexValue.number(2))));

        RangeClaim claim = table.work(1);

        assertThat(counts(table)).isEqualTo(times(137, 1));
        assertThat(claim.entry().counts().changed()).isEqualTo(137);
        assertThat(journaled(table)).hasSize(137).doesNotHaveDuplicates();
        assertThat(table.fieldChanges()).containsExactly(new FieldChange("count", 137, 0, 0, 0));
    }

    @Test
    void whatTheAppWritesInTheMeantimeIsNeitherLostNorIncrementedTwice() throws Exception {
        TestTable table = table(100, INCREMENT);
        AtomicInteger writes = new AtomicInteger();

        RangeClaim claim = table.work(1, CallOptions.DEFAULT, slice -> {
            for (ConvexObject document : slice.documents()) {
                if (document.number("n") % 3 == 0) {
                    table.appWrites(document.string("_id"), Map.of("count", ConvexValue.number(1000)));
                } else if (document.number("n") % 3 == 1) {
                    table.appWrites(document.string("_id"),
                            Map.of("other", ConvexValue.number(writes.incrementAndGet())));
                }
            }
        });

        for (ConvexObject document : table.documents()) {
            boolean conflicted = document.number("n") % 3 == 0;
            assertThat(document.number("count")).isEqualTo(conflicted ? 1001 : 1);
            assertThat(document.has("other")).isEqualTo(document.number("n") % 3 == 1);
        }
        assertThat(claim.entry().counts()).isEqualTo(new Counts(100, 100, 0, 0, 0, 34));
        assertThat(journaled(table)).hasSize(100).doesNotHaveDuplicates();
        assertThat(table.fieldChanges()).describedAs("the app has added it to 34 of them")
                .containsExactly(new FieldChange("count", 66, 0, 34, 0));
    }

    @Test
    void aDocumentThatTheAppDeletesIsCountedAsDeleted() throws Exception {
        TestTable table = table(30, INCREMENT);

        RangeClaim claim = table.work(1, CallOptions.DEFAULT, slice -> slice.documents().stream()
                .filter(document -> document.number("n") % 10 == 0)
                .forEach(document -> table.appDeletes(document.string("_id"))));

        assertThat(claim.entry().counts()).isEqualTo(new Counts(30, 27, 0, 3, 0, 0));
        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(counts(table)).isEqualTo(times(27, 1));
    }

    @Test
    void conflictsThatADeadOwnerLeftBehindAreSettledByTheNext() throws Exception {
        TestTable table = table(20, INCREMENT);
        assertThatThrownBy(() -> table.work(1, ONCE, slice -> {
            slice.documents().forEach(
                    document -> table.appWrites(document.string("_id"), Map.of("count", ConvexValue.number(5))));
            // the claim and the first chunk pass, the chunk that settles does not
            table.deployment.setFaults(Faults.fromJson(
                    ConvexObject.of("resetBeforeCommit", ConvexValue.number(2), "functions",
                            ConvexValue.of("backfill:apply"))));
        })).isInstanceOf(ConvexException.class);
        table.deployment.setFaults(Faults.NONE);
        assertThat(table.stores.ranges().get(TestTable.RUN, 0).unsettled()).isPositive();

        RangeClaim claim = table.work(2);

        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(counts(table)).containsOnly(1.0, 6.0).hasSize(20);
        assertThat(claim.entry().counts().changed()).isEqualTo(20);
        assertThat(table.fieldChanges()).singleElement()
                .satisfies(field -> assertThat(field.documents()).isEqualTo(20));
    }

    @Test
    void aDocumentThatTheAppChangesAllTheTimeGoesIntoQuarantine() throws Exception {
        TestTable table = table(3, INCREMENT);
        AtomicInteger number = new AtomicInteger();
        String hot = table.documents().getFirst().string("_id");
        StopSignal done = StopSignal.never();
        Thread app = Thread.ofPlatform().start(() -> {
            while (!done.isGiven()) {
                table.appWrites(hot, Map.of("count", ConvexValue.number(number.incrementAndGet())));
            }
        });
        // a forced pause between reading and applying leaves the app time to write again
        table.deployment.setFaults(Faults.NONE.withLatency(Duration.ofMillis(200)));
        RangeClaim claim = table.work(1);
        done.give("done");
        app.join();

        assertThat(claim.entry().counts().quarantined()).isEqualTo(1);
        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(table.stores.quarantine().list(TestTable.RUN, 10)).singleElement()
                .satisfies(document -> {
                    assertThat(document.id()).isEqualTo(hot);
                    assertThat(document.reason()).isEqualTo(Reason.CONFLICT);
                    assertThat(document.message())
                            .isEqualTo("The app changed it each of the 8 times that the run tried");
                    assertThat(document.input()).hasSize(64);
                });
    }

    @Test
    void documentsThatCanNotBeTransformedOrAreRefusedGoIntoQuarantine() throws Exception {
        DocumentSchema schema = new DocumentSchema(Map.of("users", Validator.object().field("n", Validator.NUMBER)
                .field("s", Validator.STRING).optional("count", Validator.STRING)));
        TestTable table = table(TestDatabase.Kind.H2, 12, "- increment: { field: count }\n", TransactionLimits.CONVEX,
                schema);
        String text = table.documents().get(5).string("_id");
        table.appWrites(text, Map.of("count", ConvexValue.of("text")));

        RangeClaim claim = table.work(1);

        assertThat(claim.entry().counts()).isEqualTo(new Counts(12, 0, 0, 0, 12, 0));
        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(table.stores.quarantine().list(TestTable.RUN, 20)).hasSize(12).allSatisfy(document -> {
            if (document.id().equals(text)) {
                assertThat(document.reason()).isEqualTo(Reason.TRANSFORM);
                assertThat(document.message()).isEqualTo("increment: 'count' holds string and no number");
            } else {
                assertThat(document.reason()).isEqualTo(Reason.REJECTED);
                assertThat(document.message()).contains("does not match the schema");
            }
        });
    }

    @Test
    void aChunkThatIsTooMuchForOneTransactionIsHalvedUntilItPasses() throws Exception {
        TransactionLimits fourWrites = new TransactionLimits(32_000, 16 << 20, 4096, 4, 16 << 20);
        TestTable table = table(TestDatabase.Kind.H2, 57, INCREMENT, fourWrites, DocumentSchema.NONE);

        RangeClaim claim = table.work(1);

        assertThat(counts(table)).isEqualTo(times(57, 1));
        assertThat(claim.entry().counts().changed()).isEqualTo(57);
        assertThat(journaled(table)).hasSize(57).doesNotHaveDuplicates();
    }

    @Test
    void aDocumentThatNoTransactionCanTakeGoesIntoQuarantine() throws Exception {
        TransactionLimits halfAMegabyte = new TransactionLimits(32_000, 500_000, 4096, 16_000, 16 << 20);
        TestTable table = table(TestDatabase.Kind.H2, 30, INCREMENT, halfAMegabyte, DocumentSchema.NONE);
        table.deployment.load("users", Stream.of(ConvexObject.of("n", ConvexValue.number(99), "s",
                ConvexValue.of("x".repeat(300_000)))));

        RangeClaim claim = table.work(1);

        assertThat(claim.entry().counts()).isEqualTo(new Counts(31, 30, 0, 0, 1, 0));
        assertThat(table.stores.quarantine().list(TestTable.RUN, 10)).singleElement().satisfies(document -> {
            assertThat(document.id()).isEqualTo(table.documents().getLast().string("_id"));
            assertThat(document.message()).startsWith("The deployment can't take the change: Too many bytes read");
        });
    }

    @Test
    void anOwnerThatWasReplacedCanWriteNothingMore() throws Exception {
        TestTable table = table(100, INCREMENT);
        AtomicInteger slices = new AtomicInteger();

        assertThatThrownBy(() -> table.work(1, CallOptions.DEFAULT, _ -> {
            if (slices.incrementAndGet() == 3) {
                try {
                    table.work(2);
                } catch (Exception impossible) {
                    throw new IllegalStateException(impossible);
                }
            }
        })).isInstanceOf(FencedException.class);

        assertThat(counts(table)).isEqualTo(times(100, 1));
        assertThat(journaled(table)).hasSize(100).doesNotHaveDuplicates();
        assertThatThrownBy(() -> table.work(1)).isInstanceOf(FencedException.class);
    }

    @Test
    void anOwnerWhoseLeaseMayBeOverWritesNothing() {
        TestTable table = table(10, INCREMENT);
        String ledgerId = String.valueOf(table.stores.ranges().get(TestTable.RUN, 0).ledger());
        RangeClaim claim = RangeClaim.claim(TestTable.RUN, 0, table.plan.digest(), ledgerId, 1, table.ledger,
                table.stores,
                () -> false);

        assertThatThrownBy(() -> claim.apply(List.of(), true)).isInstanceOf(FencedException.class);
        assertThat(table.ledger.read(TestTable.RUN).orElseThrow().entries().getFirst()).isEqualTo(claim.entry());
    }

    @Test
    void aStopEndsTheRangeAsInterruptedAndTheNextOwnerGoesOn() throws Exception {
        TestTable table = table(200, INCREMENT);
        StopSignal stop = StopSignal.never();
        AtomicInteger slices = new AtomicInteger();

        assertThatThrownBy(() -> table.work(1, CallOptions.DEFAULT.withStop(stop), _ -> {
            if (slices.incrementAndGet() == 4) {
                stop.give("enough");
            }
        })).isInstanceOf(JobInterruptedException.class);
        assertThat(counts(table)).contains(0.0);

        table.work(2);
        assertThat(counts(table)).isEqualTo(times(200, 1));
    }

    @Test
    void anInterruptEndsTheRangeAsInterrupted() throws Exception {
        TestTable table = table(200, INCREMENT);
        AtomicInteger slices = new AtomicInteger();
        List<Throwable> ends = new ArrayList<>();
        Thread worker = Thread.ofPlatform().start(() -> {
            try {
                table.work(1, CallOptions.DEFAULT, _ -> {
                    if (slices.incrementAndGet() == 4) {
                        Thread.currentThread().interrupt();
                    }
                });
            } catch (Exception end) {
                ends.add(end);
            }
        });
        worker.join();

        assertThat(ends).singleElement().isInstanceOf(JobInterruptedException.class);
        table.work(2);
        assertThat(counts(table)).isEqualTo(times(200, 1));
    }
}
