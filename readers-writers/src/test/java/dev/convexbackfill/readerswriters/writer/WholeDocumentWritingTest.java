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
import static org.assertj.core.api.Assertions.tuple;

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
import dev.convexbackfill.readerswriters.journal.JournalStore.AppliedChunk;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Replacing, deleting and inserting: once, whatever happens, and never over a write of the app. */
class WholeDocumentWritingTest {

    private static final CallOptions ONCE = CallOptions.DEFAULT.withRetry(RetryPolicy.NEVER);
    private static final int DOCUMENTS = 57;

    @TempDir
    private Path folder;

    private final List<TestTable> tables = new ArrayList<>();

    @AfterEach
    void close() {
        tables.forEach(TestTable::close);
    }

    /** What a plan does, and what a document must have become by it. */
    enum Way {

        REPLACE("write: replace", "- increment: { field: count }\n"), DELETE("write: delete\nconfirm: delete",
                ""), INSERT("write: { insertInto: users_v2 }",
                        "- increment: { field: count }\n- copy: { from: _id, to: legacyId }\n- drop: s\n");

        private final String write;
        private final String steps;

        Way(String write, String steps) {
            this.write = write;
            this.steps = steps;
        }
    }

    private TestTable table(Way way, TestDatabase.Kind kind, TransactionLimits limits, DocumentSchema schema) {
        TestTable table = new TestTable(kind, folder, DOCUMENTS, way.steps, way.write, limits, schema);
        tables.add(table);
        return table;
    }

    private TestTable table(Way way) {
        return table(way, TestDatabase.Kind.H2, TransactionLimits.CONVEX, DocumentSchema.NONE);
    }

    private static Map<String, ConvexObject> byId(List<ConvexObject> documents) {
        Map<String, ConvexObject> byId = new HashMap<>();
        documents.forEach(document -> byId.put(document.string("_id"), document));
        return byId;
    }

    private static ConvexObject fields(ConvexObject document) {
        return document.without("_id").without("_creationTime");
    }

    /** The journal's changes that were made, by document; fails if one was made twice. */
    private static Map<String, ConvexObject> journaled(TestTable table) {
        Map<String, ConvexObject> changes = new HashMap<>();
        for (AppliedChunk chunk : table.stores.journal().applied(TestTable.RUN, 0)) {
            for (ConvexValue value : chunk.changes()) {
                ConvexObject change = (ConvexObject) value;
                if (!chunk.skipped().contains(change.string("id"))) {
                    assertThat(changes.put(change.string("id"), change)).isNull();
                }
            }
        }
        return changes;
    }

    /** Every document of {@code sources} was written once, with what it held then, and nothing else was. */
    private static void requireWrittenOnce(Way way, TestTable table, Map<String, ConvexObject> sources) {
        Map<String, ConvexObject> now = byId(table.documents());
        Map<String, ConvexObject> journal = journaled(table);
        assertThat(journal.keySet()).isEqualTo(sources.keySet());
        sources.forEach((id, source) -> assertThat(requireFound(journal.get(id)).object("expect"))
                .isEqualTo(fields(source)));
        switch (way) {
            case REPLACE -> {
                assertThat(now.keySet()).isEqualTo(sources.keySet());
                sources.forEach(
                        (id, source) -> assertThat(now.get(id)).isEqualTo(source.with("count", plusOne(source))));
            }
            case DELETE -> {
                assertThat(now).isEmpty();
                sources.forEach((id, source) -> assertThat(requireFound(journal.get(id)).get("creationTime"))
                        .isEqualTo(source.get("_creationTime")));
            }
            case INSERT -> {
                assertThat(now).isEqualTo(sources);
                Map<String, ConvexObject> inserted = byId(table.documents("users_v2"));
                Map<String, String> newIds = table.newIds();
                assertThat(inserted).hasSize(sources.size());
                assertThat(newIds.keySet()).isEqualTo(sources.keySet());
                sources.forEach((id, source) -> {
                    ConvexObject copy = requireFound(inserted.get(newIds.get(id)));
                    assertThat(fields(copy)).isEqualTo(fields(source).with("count", plusOne(source))
                            .with("legacyId", ConvexValue.of(id)).without("s"));
                });
            }
        }
    }

    private static ConvexObject requireFound(@Nullable ConvexObject found) {
        if (found == null) {
            throw new AssertionError("a document is missing");
        }
        return found;
    }

    private static ConvexValue plusOne(ConvexObject source) {
        return ConvexValue.number(source.has("count") ? source.number("count") + 1 : 1);
    }

    static Stream<Arguments> everyWayAndDatabase() {
        return Stream.of(Way.values())
                .flatMap(way -> Stream.of(TestDatabase.Kind.values()).map(kind -> Arguments.of(way, kind)));
    }

    @ParameterizedTest
    @MethodSource("everyWayAndDatabase")
    void everyDocumentIsWrittenOnceAndJournaledAsItWas(Way way, TestDatabase.Kind kind) throws Exception {
        TestTable table = table(way, kind, TransactionLimits.CONVEX, DocumentSchema.NONE);
        Map<String, ConvexObject> sources = byId(table.documents());

        RangeClaim claim = table.work(1);

        requireWrittenOnce(way, table, sources);
        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(claim.entry().counts()).isEqualTo(new Counts(DOCUMENTS, DOCUMENTS, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @MethodSource("everyWayAndDatabase")
    void whoeverDiesAroundAChunkLeavesALedgerFromWhichTheNextGoesOn(Way way, TestDatabase.Kind kind)
            throws Exception {
        TestTable table = table(way, kind, TransactionLimits.CONVEX, DocumentSchema.NONE);
        Map<String, ConvexObject> sources = byId(table.documents());
        long fence = 0;
        RangeClaim claim = null;
        while (claim == null) {
            fence++;
            // now the answer is lost after the commit, now the chunk never arrives
            String fault = fence % 3 == 0 ? "resetBeforeCommit" : "replyLost";
            table.deployment.setFaults(Faults.fromJson(
                    ConvexObject.of(fault, ConvexValue.number(2), "functions", ConvexValue.of("backfill:apply"))));
            try {
                claim = table.work(fence, ONCE, _ -> {});
            } catch (ConvexException died) {
                table.deployment.setFaults(Faults.NONE);
            }
        }

        assertThat(fence).as("owners that died").isGreaterThan(3);
        requireWrittenOnce(way, table, sources);
        assertThat(claim.entry().counts()).isEqualTo(new Counts(DOCUMENTS, DOCUMENTS, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @EnumSource
    void aLostReplyIsAskedForAgainAndNothingHappensTwice(Way way) throws Exception {
        TestTable table = table(way);
        Map<String, ConvexObject> sources = byId(table.documents());
        table.deployment.setFaults(Faults.fromJson(ConvexObject.of("replyLost", ConvexValue.number(2))));

        table.work(1);

        requireWrittenOnce(way, table, sources);
    }

    @ParameterizedTest
    @MethodSource("everyWayAndDatabase")
    void whatTheAppWritesInTheMeantimeIsReadAndTransformedAgain(Way way, TestDatabase.Kind kind) throws Exception {
        TestTable table = table(way, kind, TransactionLimits.CONVEX, DocumentSchema.NONE);
        Map<String, ConvexObject> sources = byId(table.documents());

        RangeClaim claim = table.work(1, CallOptions.DEFAULT, slice -> {
            for (ConvexObject document : slice.documents()) {
                // a field that the run has seen, and one that it has not
                String field = document.number("n") % 3 == 0 ? "n" : "other";
                if (document.number("n") % 3 != 2) {
                    table.appWrites(document.string("_id"), Map.of(field, ConvexValue.number(1000)));
                    sources.put(document.string("_id"), document.with(field, ConvexValue.number(1000)));
                }
            }
        });

        requireWrittenOnce(way, table, sources);
        assertThat(claim.entry().counts()).isEqualTo(new Counts(DOCUMENTS, DOCUMENTS, 0, 0, 0, 38));
    }

    @ParameterizedTest
    @MethodSource("everyWayAndDatabase")
    void conflictsThatADeadOwnerLeftBehindAreSettledByTheNext(Way way, TestDatabase.Kind kind) throws Exception {
        TestTable table = table(way, kind, TransactionLimits.CONVEX, DocumentSchema.NONE);
        Map<String, ConvexObject> sources = byId(table.documents());
        AtomicInteger slices = new AtomicInteger();
        assertThatThrownBy(() -> table.work(1, ONCE, slice -> {
            slice.documents().stream().filter(document -> document.number("n") % 2 == 0).forEach(document -> {
                table.appWrites(document.string("_id"), Map.of("count", ConvexValue.number(5)));
                sources.put(document.string("_id"), document.with("count", ConvexValue.number(5)));
            });
            if (slices.incrementAndGet() == 1) {
                // the first chunk passes; of the one that settles it, the answer is lost
                table.deployment.setFaults(Faults.fromJson(ConvexObject.of("replyLost", ConvexValue.number(2),
                        "functions", ConvexValue.of("backfill:apply"))));
            }
        })).isInstanceOf(ConvexException.class);
        table.deployment.setFaults(Faults.NONE);

        RangeClaim claim = table.work(2);

        requireWrittenOnce(way, table, sources);
        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(claim.entry().counts().changed()).isEqualTo(DOCUMENTS);
    }

    @ParameterizedTest
    @EnumSource
    void aDocumentThatTheAppDeletesFirstIsCountedAsGone(Way way) throws Exception {
        TestTable table = table(way);
        Map<String, ConvexObject> sources = byId(table.documents());

        RangeClaim claim = table.work(1, CallOptions.DEFAULT, slice -> slice.documents().stream()
                .filter(document -> document.number("n") % 10 == 0).forEach(document -> {
                    table.appDeletes(document.string("_id"));
                    sources.remove(document.string("_id"));
                }));

        requireWrittenOnce(way, table, sources);
        assertThat(claim.entry().counts()).isEqualTo(new Counts(DOCUMENTS, DOCUMENTS - 6, 0, 6, 0, 0));
        assertThat(claim.entry().isComplete()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aChunkThatIsTooMuchForOneTransactionIsHalvedUntilItPasses(Way way) throws Exception {
        TestTable table = table(way, TestDatabase.Kind.H2,
                new TransactionLimits(32_000, 16 << 20, 4096, 4, 16 << 20), DocumentSchema.NONE);
        Map<String, ConvexObject> sources = byId(table.documents());

        table.work(1);

        requireWrittenOnce(way, table, sources);
    }

    @ParameterizedTest
    @EnumSource
    void anOwnerThatWasReplacedCanWriteNothingMore(Way way) throws Exception {
        TestTable table = table(way);
        Map<String, ConvexObject> sources = byId(table.documents());
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

        requireWrittenOnce(way, table, sources);
    }

    @Test
    void aDocumentThatTheOtherTableDoesNotTakeGoesIntoQuarantineAndHasNoNewId() throws Exception {
        DocumentSchema schema = new DocumentSchema(Map.of("users_v2", Validator.object().field("n", Validator.NUMBER)
                .field("legacyId", Validator.STRING).field("count", Validator.literal(ConvexValue.number(1)))));
        TestTable table = table(Way.INSERT, TestDatabase.Kind.H2, TransactionLimits.CONVEX, schema);
        String counted = table.documents().get(5).string("_id");
        table.appWrites(counted, Map.of("count", ConvexValue.number(7)));

        RangeClaim claim = table.work(1);

        assertThat(claim.entry().counts()).isEqualTo(new Counts(DOCUMENTS, DOCUMENTS - 1, 0, 0, 1, 0));
        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(table.stores.quarantine().list(TestTable.RUN, 20)).singleElement().satisfies(document -> {
            assertThat(document.id()).isEqualTo(counted);
            assertThat(document.reason()).isEqualTo(Reason.REJECTED);
            assertThat(document.message()).contains("does not match the schema");
        });
        assertThat(table.newIds()).hasSize(DOCUMENTS - 1).doesNotContainKey(counted);
        assertThat(table.documents("users_v2")).hasSize(DOCUMENTS - 1);
    }

    @Test
    void aReplacementThatChangesNothingIsNotWritten() throws Exception {
        TestTable table = new TestTable(TestDatabase.Kind.H2, folder, 20, "- default: { field: s, value: x }\n",
                "write: replace", TransactionLimits.CONVEX, DocumentSchema.NONE);
        tables.add(table);

        RangeClaim claim = table.work(1);

        assertThat(claim.entry().counts()).isEqualTo(new Counts(20, 0, 20, 0, 0, 0));
    }

    @Test
    void aCopyNeedsNoChangeToBeInsertedAndCountsWithItsOwnSize() throws Exception {
        String longer = "- set: { field: s, value: " + "x".repeat(200_000) + " }\n";
        TestTable table = new TestTable(TestDatabase.Kind.H2, folder, 20, longer, "write: { insertInto: users_v2 }",
                new TransactionLimits(32_000, 16 << 20, 4096, 16_000, 1 << 20), DocumentSchema.NONE);
        tables.add(table);

        RangeClaim claim = table.work(1);

        assertThat(claim.entry().counts()).isEqualTo(new Counts(20, 20, 0, 0, 0, 0));
        assertThat(table.documents("users_v2")).hasSize(20);
        assertThat(table.newIds()).hasSize(20);
    }

    @Test
    void aDocumentThatTheAppDoesNotStopWritingIsNotDeletedUnread() throws Exception {
        TestTable table = table(Way.DELETE);
        String hot = table.documents().getFirst().string("_id");
        AtomicInteger number = new AtomicInteger();
        StopSignal done = StopSignal.never();
        Thread app = Thread.ofPlatform().start(() -> {
            while (!done.isGiven()) {
                table.appWrites(hot, Map.of("count", ConvexValue.number(number.incrementAndGet())));
            }
        });
        // a forced pause between reading and applying leaves the app time to write again
        table.deployment.setFaults(Faults.NONE.withLatency(Duration.ofMillis(100)));

        RangeClaim claim = table.work(1);
        done.give("done");
        app.join();

        assertThat(claim.entry().counts().quarantined()).isEqualTo(1);
        assertThat(table.documents()).extracting(document -> document.string("_id")).containsExactly(hot);
        assertThat(table.stores.quarantine().list(TestTable.RUN, 10))
                .extracting(QuarantinedDocument::id, QuarantinedDocument::reason, QuarantinedDocument::message)
                .containsExactly(tuple(hot, Reason.CONFLICT,
                        "The app changed it each of the 8 times that the run tried"));
    }
}
