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

import static dev.convexbackfill.local.function.FunctionDefinition.mutation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.client.value.ConvexBytes;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.local.function.Database;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.DatabaseBody;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.infrastructure.item.Chunk;

/** Where a function of the app's own writes, every document is handed to it at least once, and the ledger counts each once. */
class FunctionWriterTest {

    private static final int DOCUMENTS = 95;
    private static final int CHUNK = 10;
    private static final String SPLIT = "- split: { from: s, into: [letter, number], at: '-' }\n- drop: s\n";
    private static final String BY_DOCUMENT = "sink: { mutation: 'app:update' }";
    private static final String BY_CHUNK = "sink: { mutation: 'app:update', per: chunk }";
    private static final CallOptions ONCE = CallOptions.DEFAULT.withRetry(RetryPolicy.NEVER);
    private static final CallOptions PATIENT = CallOptions.DEFAULT
            .withRetry(new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(10), Duration.ofSeconds(20)));

    private final AtomicInteger calls = new AtomicInteger();

    @TempDir
    private Path folder;

    private final List<TestTable> tables = new ArrayList<>();

    @AfterEach
    void close() {
        tables.forEach(TestTable::close);
    }

    private TestTable table(TestDatabase.Kind kind, String steps, String sink, Validator args, DatabaseBody update) {
        FunctionDefinition function = mutation("app:update", Visibility.PUBLIC, args, (db, given) -> {
            calls.incrementAndGet();
            return update.run(db, given);
        });
        TestTable table = new TestTable(kind, folder, DOCUMENTS, steps, sink, TransactionLimits.CONVEX,
                DocumentSchema.NONE, List.of(function));
        tables.add(table);
        return table;
    }

    private TestTable table(String steps, String sink, DatabaseBody update) {
        return table(TestDatabase.Kind.H2, steps, sink, Validator.ANY, update);
    }

    /** What an app's mutation does, for one document or for several: writes what it is given, and counts. */
    private static ConvexValue update(Database db, ConvexObject args) {
        if (args.has("documents")) {
            args.array("documents").forEach(document -> updateOne(db, (ConvexObject) document));
        } else {
            updateOne(db, args);
        }
        return ConvexNull.NULL;
    }

    private static void updateOne(Database db, ConvexObject args) {
        String id = args.string("id");
        ConvexObject document = Objects.requireNonNull(db.get(id));
        Map<String, ConvexValue> fields = new HashMap<>();
        if (args.has("set")) {
            fields.putAll(args.object("set").toMap());
        }
        fields.put("calls", ConvexValue.number((document.has("calls") ? document.number("calls") : 0) + 1));
        db.patch(id, fields);
    }

    private static void requireCalledOnce(TestTable table) {
        assertThat(table.documents()).hasSize(DOCUMENTS)
                .allSatisfy(document -> assertThat(document.get("calls")).isEqualTo(ConvexValue.number(1)));
    }

    private static Counts allCalled() {
        return new Counts(DOCUMENTS, DOCUMENTS, 0, 0, 0, 0);
    }

    private static List<QuarantinedDocument> quarantined(TestTable table) {
        return table.stores.quarantine().list(TestTable.RUN, 1000);
    }

    @ParameterizedTest
    @EnumSource
    void aMutationWithStrictArgumentsIsCalledOnceForEachDocument(TestDatabase.Kind kind) throws Exception {
        List<ConvexObject> seen = new ArrayList<>();
        TestTable table = table(kind, SPLIT, """
                sink:
                  mutation: app:update
                  args:
                    userId: doc._id
                    letter: result.letter
                    values: "{'int': 9223372036854775807, 'zero': -0.0, 'n': doc.n, 'blob': doc.blob, 'none': null}"
                    changed: set
                    removed: unset
                """, Validator.object().field("userId", Validator.STRING).field("letter", Validator.STRING)
                .field("values", Validator.ANY).field("changed", Validator.ANY)
                .field("removed", Validator.array(Validator.STRING)), (db, args) -> {
                    seen.add(args);
                    db.patch(args.string("userId"), Map.of("letter", args.require("letter")));
                    return ConvexNull.NULL;
                });
        ConvexBytes blob = ConvexValue.of(new byte[]{0, -1, 127});
        table.documents().forEach(document -> table.appWrites(document.string("_id"), Map.of("blob", blob, "n",
                document.number("n") == 7 ? ConvexValue.number(-0.0) : ConvexValue.number(document.number("n")))));
        List<ConvexObject> before = table.documents();

        RangeClaim claim = table.work(1);

        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(claim.entry().counts()).isEqualTo(allCalled());
        assertThat(seen).containsExactlyInAnyOrderElementsOf(before.stream().map(document -> ConvexObject.builder()
                .put("userId", document.string("_id"))
                .put("letter", "a")
                .put("values", ConvexObject.builder().put("int", ConvexValue.int64(Long.MAX_VALUE)).put("zero", -0.0)
                        .put("n", document.require("n")).put("blob", blob).put("none", ConvexNull.NULL).build())
                .put("changed", ConvexObject.of("letter", ConvexValue.of("a"), "number",
                        ConvexValue.of(document.string("s").substring(2))))
                .put("removed", ConvexValue.array(ConvexValue.of("s"))).build()).toList());
        assertThat(table.documents()).allSatisfy(document -> {
            assertThat(document.string("letter")).isEqualTo("a");
            // the run itself writes nothing
            assertThat(document.has("s")).isTrue();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {BY_DOCUMENT, BY_CHUNK})
    void withoutArgumentsItGetsWhatTheStepsHaveChangedOfDocumentsThatTheyChange(String sink) throws Exception {
        TestTable table = table("- set: { field: even, value: true, when: 'math.ceil(doc.n / 2.0) == doc.n / 2.0' }\n",
                sink, FunctionWriterTest::update);

        RangeClaim claim = table.work(1);

        assertThat(claim.entry().counts()).isEqualTo(new Counts(DOCUMENTS, 48, 47, 0, 0, 0));
        assertThat(table.documents()).allSatisfy(document -> {
            boolean isEven = document.number("n") % 2 == 0;
            assertThat(document.has("even")).isEqualTo(isEven);
            assertThat(document.has("calls")).isEqualTo(isEven);
        });
    }

    @Test
    void withoutStepsItIsCalledForEveryDocumentWithItsIdAlone() throws Exception {
        List<List<String>> names = new ArrayList<>();
        TestTable table = table("", BY_DOCUMENT, (db, args) -> {
            names.add(args.names());
            return update(db, args);
        });

        assertThat(table.work(1).entry().counts()).isEqualTo(allCalled());
        requireCalledOnce(table);
        assertThat(names).hasSize(DOCUMENTS).containsOnly(List.of("id"));
    }

    @Test
    void aCallTakesAChunk() throws Exception {
        TestTable table = table("", BY_CHUNK, FunctionWriterTest::update);

        assertThat(table.work(1).entry().counts()).isEqualTo(allCalled());
        requireCalledOnce(table);
        // pages of 25 documents are cut into 10, 10 and 5
        assertThat(calls.get()).isBetween(DOCUMENTS / CHUNK, DOCUMENTS / CHUNK + 6);
    }

    @ParameterizedTest
    @CsvSource({"document, true", "document, false", "chunk, true", "chunk, false"})
    void exactlyThoseThatItRefusesGoIntoQuarantine(String per, boolean hasData) throws Exception {
        TestTable table = table("", "sink: { mutation: 'app:update', per: %s, args: { id: doc._id, n: doc.n } }"
                .formatted(per), (db, args) -> {
                    List<ConvexValue> documents = args.has("documents") ? args.array("documents").values()
                            : List.of(args);
                    documents.forEach(document -> {
                        if (((ConvexObject) document).number("n") % 10 == 3) {
                            throw hasData
                                    ? new FunctionFailedException(ConvexObject.of("code", ConvexValue.of("three")))
                                    : new FunctionFailedException("Uncaught Error: I dislike threes");
                        }
                    });
                    return update(db, args);
                });

        RangeClaim claim = table.work(1);

        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(claim.entry().counts()).isEqualTo(new Counts(DOCUMENTS, DOCUMENTS - 10, 0, 0, 10, 0));
        assertThat(table.documents()).allSatisfy(
                document -> assertThat(document.has("calls")).isEqualTo(document.number("n") % 10 != 3));
        assertThat(quarantined(table)).hasSize(10)
                .allSatisfy(document -> {
                    assertThat(document.reason()).isEqualTo(Reason.REJECTED);
                    assertThat(document.message()).isEqualTo(
                            hasData ? "'app:update' threw ConvexError({\"code\":\"three\"})"
                                    : "The call of 'app:update' failed: Server Error\nUncaught Error: I dislike threes");
                }).extracting(QuarantinedDocument::id).containsExactlyElementsOf(table.documents().stream()
                        .filter(document -> document.number("n") % 10 == 3).map(document -> document.string("_id"))
                        .sorted().toList());
        QuarantinedDocument first = quarantined(table).getFirst();
        assertThat(first.input()).isEqualTo(InputDigest.of(table.documents().stream()
                .filter(document -> document.string("_id").equals(first.id())).findFirst().orElseThrow()));
    }

    @Test
    void anArgumentWithoutAValuePutsItsDocumentIntoQuarantine() throws Exception {
        TestTable table = table("", "sink: { mutation: 'app:update', args: { id: doc._id, rest: '1.0 / doc.m' } }",
                FunctionWriterTest::update);
        table.documents().subList(0, 90)
                .forEach(document -> table.appWrites(document.string("_id"), Map.of("m", ConvexValue.number(2))));

        assertThat(table.work(1).entry().counts()).isEqualTo(new Counts(DOCUMENTS, 90, 0, 0, 5, 0));
        assertThat(quarantined(table)).hasSize(5).allSatisfy(document -> {
            assertThat(document.reason()).isEqualTo(Reason.TRANSFORM);
            assertThat(document.message()).startsWith("sink.args.rest: '1.0 / doc.m' failed: ");
        });
        assertThat(calls.get()).isEqualTo(90);
    }

    /** A mutation that makes its own compare-and-set, as the run's own writes do. */
    private static ConvexValue compareAndSet(Database db, ConvexObject args) {
        List<ConvexValue> documents = args.has("documents") ? args.array("documents").values() : List.of(args);
        documents.forEach(given -> {
            ConvexObject document = db.get(((ConvexObject) given).string("id"));
            if (document == null || !((ConvexObject) given).require("seen").equals(document.get("s"))) {
                throw new FunctionFailedException(ConvexObject.of("code", ConvexValue.of("conflict")));
            }
        });
        return update(db, args);
    }

    @ParameterizedTest
    @ValueSource(strings = {"document", "chunk"})
    void aDocumentThatHasChangedIsReadTransformedAndGivenAgain(String per) throws Exception {
        TestTable table = table("- copy: { from: s, to: t }\n",
                "sink: { mutation: 'app:update', per: %s, args: { id: doc._id, seen: doc.s, set: set } }"
                        .formatted(per),
                FunctionWriterTest::compareAndSet);
        List<String> changed = new ArrayList<>();
        List<String> deleted = new ArrayList<>();

        RangeClaim claim = table.work(1, PATIENT, slice -> {
            if (slice.documents().size() > 3) {
                String first = slice.documents().get(1).string("_id");
                table.appWrites(first, Map.of("s", ConvexValue.of("new")));
                changed.add(first);
                String second = slice.documents().get(2).string("_id");
                table.appDeletes(second);
                deleted.add(second);
            }
        });

        assertThat(changed).hasSizeGreaterThan(5);
        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(claim.entry().counts()).isEqualTo(
                new Counts(DOCUMENTS, DOCUMENTS - deleted.size(), 0, deleted.size(), 0, 0));
        assertThat(table.documents()).hasSize(DOCUMENTS - deleted.size()).allSatisfy(document -> {
            assertThat(document.number("calls")).isEqualTo(1);
            assertThat(document.get("t")).isEqualTo(document.get("s"));
            assertThat(document.get("s")).isEqualTo(changed.contains(document.string("_id")) ? ConvexValue.of("new")
                    : ConvexValue.of("a-" + (int) document.number("n")));
        });
    }

    @Test
    void aConflictThatNeverEndsGoesIntoQuarantine() throws Exception {
        TestTable table = table("", BY_CHUNK, (db, args) -> {
            args.array("documents").forEach(given -> {
                if (Objects.requireNonNull(db.get(((ConvexObject) given).string("id"))).number("n") == 42) {
                    throw new FunctionFailedException(ConvexObject.of("code", ConvexValue.of("conflict")));
                }
            });
            return update(db, args);
        });

        assertThat(table.work(1).entry().counts()).isEqualTo(new Counts(DOCUMENTS, DOCUMENTS - 1, 0, 0, 1, 0));
        assertThat(quarantined(table)).singleElement().satisfies(document -> {
            assertThat(document.reason()).isEqualTo(Reason.CONFLICT);
            assertThat(document.message())
                    .isEqualTo("The app's function said 'conflict' each of the 8 times that the run called it");
        });
    }

    @Test
    void aCallThatIsTooMuchForOneTransactionIsHalvedAndLaterOnesAreSmaller() throws Exception {
        TestTable table = table("", BY_CHUNK, (db, args) -> {
            if (args.array("documents").size() > 3) {
                throw new FunctionFailedException("Uncaught Error: Too many bytes read in a single function execution");
            }
            return update(db, args);
        });

        assertThat(table.work(1).entry().counts()).isEqualTo(allCalled());
        requireCalledOnce(table);
        assertThat(calls.get()).isLessThan(80);
    }

    @ParameterizedTest
    @CsvSource({"document, 3", "document, 2", "chunk, 3", "chunk, 2"})
    void whereRepliesAreLostEveryDocumentIsHandedOverAndCountedOnce(String per, int every) throws Exception {
        TestTable table = table("", "sink: { mutation: 'app:update', per: %s }".formatted(per),
                FunctionWriterTest::update);
        table.deployment.setFaults(Faults.fromJson(ConvexObject.of("replyLost", ConvexValue.number(every), "functions",
                ConvexValue.of("app:"))));

        RangeClaim claim = table.work(1);

        assertThat(claim.entry().isComplete()).isTrue();
        assertThat(claim.entry().counts()).isEqualTo(allCalled());
        assertThat(table.documents()).allSatisfy(
                document -> assertThat(document.number("calls")).isGreaterThanOrEqualTo(1));
        assertThat(table.documents()).anySatisfy(document -> assertThat(document.number("calls")).isGreaterThan(1));
    }

    @ParameterizedTest
    @CsvSource({"document, resetBeforeCommit", "chunk, resetBeforeCommit", "document, replyLost", "chunk, replyLost"})
    void whoeverDiesAroundAChunkHasAtMostThatChunkCalledAgain(String per, String fault) throws Exception {
        TestTable table = table("", "sink: { mutation: 'app:update', per: %s }".formatted(per),
                FunctionWriterTest::update);
        RangeClaim claim = null;
        int died = 0;
        for (long fence = 1; claim == null; fence++) {
            table.deployment.setFaults(Faults.fromJson(ConvexObject.of(fault, ConvexValue.number(3), "functions",
                    ConvexValue.of("backfill:apply"))));
            try {
                claim = table.work(fence, ONCE, _ -> {});
            } catch (ConvexException death) {
                died++;
                table.deployment.setFaults(Faults.NONE);
            }
        }

        assertThat(died).isGreaterThan(2);
        assertThat(claim.entry().counts()).isEqualTo(allCalled());
        double called = table.documents().stream().mapToDouble(document -> document.number("calls")).sum();
        assertThat(called).isBetween((double) DOCUMENTS, DOCUMENTS + (double) died * CHUNK);
        assertThat(table.documents()).allSatisfy(
                document -> assertThat(document.number("calls")).isGreaterThanOrEqualTo(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 37, 60})
    void aStopInMidChunkLeavesNothingToBeCalledAgain(int at) throws Exception {
        StopSignal stop = StopSignal.never();
        TestTable table = table("", BY_DOCUMENT, (db, args) -> {
            if (calls.get() == at) {
                stop.give("enough");
            }
            return update(db, args);
        });

        assertThatThrownBy(() -> table.work(1, PATIENT.withStop(stop), _ -> {}))
                .isInstanceOf(JobInterruptedException.class);
        assertThat(calls.get()).isEqualTo(at);
        assertThat(table.work(2).entry().counts()).isEqualTo(allCalled());
        requireCalledOnce(table);
    }

    @Test
    void anOwnerWhoseLeaseMayBeOverCallsNothing() throws Exception {
        TestTable table = table("", BY_DOCUMENT, FunctionWriterTest::update);
        String ledgerId = String.valueOf(table.stores.ranges().get(TestTable.RUN, 0).ledger());
        RangeClaim claim = RangeClaim.claim(TestTable.RUN, 0, table.plan.digest(), ledgerId, 1, table.ledger,
                table.stores, () -> false);
        try (TransformChain chain = TransformChain.of(table.plan, _ -> {
            throw new IllegalStateException();
        })) {
            FunctionWriter writer = new FunctionWriter(claim,
                    new FunctionCaller(table.client, Objects.requireNonNull(table.plan.sink()).mutation(), PATIENT),
                    table.plan.sink().per(),
                    new RangeTransformer(chain, StopSignal.never(), Thread::startVirtualThread),
                    new Throttle(table.plan.throttle()), table.plan.chunk(), StopSignal.never(), WriteListener.NONE);

            assertThatThrownBy(() -> writer
                    .write(new Chunk<>(new TransformedSlice(chain.transform(table.documents()), true))))
                    .isInstanceOf(FencedException.class);
        }
        assertThat(calls.get()).isZero();
    }

    @Test
    void aFunctionThatIsNotThereEndsTheRange() {
        TestTable table = table("", "sink: { mutation: 'app:updates' }", FunctionWriterTest::update);

        assertThatThrownBy(() -> table.work(1)).isInstanceOf(ConvexException.class)
                .hasMessageContaining("Could not find").hasMessageContaining("app:updates");
        assertThat(quarantined(table)).isEmpty();
    }
}
