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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.plan.Sink;
import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.partitioner.range.RangeStore;
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.FieldChange;
import dev.convexbackfill.readerswriters.journal.FieldChangeStore;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.journal.JournalParts;
import dev.convexbackfill.readerswriters.journal.JournalSpace;
import dev.convexbackfill.readerswriters.journal.JournalStore;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore;
import dev.convexbackfill.readerswriters.reader.PageSource;
import dev.convexbackfill.readerswriters.reader.RangeReader;
import dev.convexbackfill.readerswriters.reader.Slice;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import dev.convexbackfill.readerswriters.throttle.Waits;
import dev.convexbackfill.readerswriters.transform.ReferenceTransforms;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ItemWriter;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** A table of a local deployment, a repository, and one range over it all, worked on as a step would. */
final class TestTable implements AutoCloseable {

    static final String RUN = "r";
    private static final RetryPolicy QUICK = new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(10),
            Duration.ofSeconds(20));

    final LocalDeployment deployment;
    final ConvexClient client;
    final Ledger ledger;
    final RangeStores stores;
    final IdMappingStore mappings;
    final TransactionOperations transactions;
    final Plan plan;
    private final TestRepository repository;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final String ledgerId;

    TestTable(TestDatabase.Kind kind, Path folder, int documents, String steps, TransactionLimits limits,
            DocumentSchema schema) {
        this(kind, folder, documents, steps, "write: patch", limits, schema);
    }

    /** {@code steps} may be empty; {@code write} is what the plan says about writing. */
    TestTable(TestDatabase.Kind kind, Path folder, int documents, String steps, String write, TransactionLimits limits,
            DocumentSchema schema) {
        this(kind, folder, documents, steps, write, limits, schema, List.of());
    }

    /** {@code functions} are the app's own. */
    TestTable(TestDatabase.Kind kind, Path folder, int documents, String steps, String write, TransactionLimits limits,
            DocumentSchema schema, List<FunctionDefinition> functions) {
        deployment = LocalDeployment.builder().limits(limits).schema(schema).alsoFunctions(functions).start();
        deployment.load("users", IntStream.range(0, documents)
                .mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n), "s", ConvexValue.of("a-" + n))));
        client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
        ledger = new Ledger(client, CallOptions.DEFAULT.withRetry(QUICK), "backfill");
        repository = TestRepository.create(kind, folder);
        JdbcClient jdbc = JdbcClient.create(repository.dataSource());
        transactions = new TransactionTemplate(new JdbcTransactionManager(repository.dataSource()));
        stores = new RangeStores(new RangeStore(jdbc, transactions), new JournalStore(jdbc), new QuarantineStore(jdbc),
                transactions);
        mappings = new IdMappingStore(jdbc);
        plan = PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: r
                table: users
                chunk: { documents: 10 }
                %s
                """.formatted(write) + (steps.isEmpty() ? "" : "transform:\n" + steps.indent(2)));
        insertRun(RUN, null);
        List<Range> ranges = Range.cut(10001, 1);
        stores.ranges().create(RUN, ranges);
        ledgerId = ledger.open(RUN, "t", "users", ranges.stream().map(Range::bounds).toList()).getFirst();
        stores.ranges().setLedger(RUN, List.of(ledgerId));
    }

    /** Stores a run, or one that tries the quarantine of another again. */
    void insertRun(String name, @Nullable String replayOf) {
        JdbcClient.create(repository.dataSource())
                .sql("""
                        insert into backfill_run (name, token, deployment_url, table_name, plan_text, plan_digest, state, created_at,
                          replay_of)
                        values (:name, 't', 'u', 'users', 'p', 'd', 'RUNNING', current_timestamp, :of)""")
                .param("name", name).param("of", replayOf).update();
        transactions.executeWithoutResult(
                _ -> JournalSpace.in(repository.dataSource(), transactions).open(name));
    }

    JournalParts parts() {
        return new JournalParts(RUN, new JournalStore(JdbcClient.create(repository.dataSource())), transactions);
    }

    /** What the run has changed, of some documents or, for none, of all. */
    ChangedDocuments changed(List<String> only) {
        return ChangedDocuments.of(RUN, only, JdbcClient.create(repository.dataSource()), transactions);
    }

    /** Works on the range as the owner with that fence, until it is done or something throws. */
    RangeClaim work(long fence, CallOptions options, Consumer<Slice> beforeEachSlice) throws Exception {
        RangeClaim claim = RangeClaim.claim(RUN, 0, plan.digest(), ledgerId, fence,
                ledger.with(options.withStop(StopSignal.never())), stores, () -> true);
        StopSignal stop = options.stop();
        TransformChain chain = TransformChain.of(plan, new ReferenceTransforms(mappings, transactions, spec -> {
            throw new IllegalArgumentException("There is no code for " + spec);
        }));
        RangeTransformer transformer = new RangeTransformer(chain, StopSignal.never(), threads);
        Settlement settlement = new Settlement(transformer, stop, false, new Waits());
        settlement.settle(claim);
        if (claim.entry().isDone()) {
            return claim;
        }
        Throttle throttle = new Throttle(plan.throttle());
        ItemWriter<TransformedSlice> writer = writer(claim, settlement, transformer, throttle, options);
        SliceProcessor processor = new SliceProcessor(transformer);
        try (RangeReader reader = new RangeReader(new PageSource(client, "backfill", "users", 25, 1 << 20), throttle,
                claim.entry().position(), null, plan.chunk().documents(), plan.chunk().bytes().bytes(), options, stop,
                threads)) {
            for (Slice slice = reader.read(); slice != null; slice = reader.read()) {
                beforeEachSlice.accept(slice);
                writer.write(new Chunk<>(processor.process(slice)));
            }
        }
        return claim;
    }

    private ItemWriter<TransformedSlice> writer(RangeClaim claim, Settlement settlement, RangeTransformer transformer,
            Throttle throttle, CallOptions options) {
        Sink sink = plan.sink();
        return sink == null
                ? new ChunkWriter(claim, settlement, throttle, plan.chunk(), options.stop(), WriteListener.NONE)
                : new FunctionWriter(claim,
                        // a call in flight is not left because of a stop
                        new FunctionCaller(client, sink.mutation(), options.withStop(StopSignal.never())), sink.per(),
                        transformer, throttle, plan.chunk(), options.stop(), WriteListener.NONE);
    }

    RangeClaim work(long fence) throws Exception {
        return work(fence, CallOptions.DEFAULT.withRetry(QUICK), _ -> {});
    }

    /** All documents of the table by number, read from the store itself. */
    List<ConvexObject> documents() {
        return documents("users");
    }

    /** All documents of a table by number, read from the store itself. */
    List<ConvexObject> documents(String table) {
        List<ConvexObject> documents = new ArrayList<>();
        try (DocumentTransaction transaction = begin()) {
            transaction.scan(table, "by_creation_time", IndexBounds.ALL, false, null)
                    .forEachRemaining(document -> documents.add(document.value()));
        }
        documents.sort(Comparator.comparingDouble(document -> document.number("n")));
        return documents;
    }

    /** What the run has inserted, as the repository has it: new ids by the old. */
    Map<String, String> newIds() {
        Map<String, String> newIds = new HashMap<>();
        JdbcClient.create(repository.dataSource()).sql("select * from backfill_id_mapping where run_name = :run")
                .param("run", RUN).query(row -> {
                    newIds.put(row.getString("source_id"), row.getString("target_id"));
                });
        return newIds;
    }

    /** In how many documents the run has changed which fields. */
    List<FieldChange> fieldChanges() {
        return new FieldChangeStore(JdbcClient.create(repository.dataSource())).list(RUN);
    }

    /** What the app does: changes one document in one transaction. */
    void appWrites(String id, Map<String, ? extends @Nullable ConvexValue> fields) {
        try (DocumentTransaction transaction = begin()) {
            transaction.patch(id, fields);
            transaction.commit();
        }
    }

    void appDeletes(String id) {
        try (DocumentTransaction transaction = begin()) {
            transaction.delete(id);
            transaction.commit();
        }
    }

    private DocumentTransaction begin() {
        return DocumentTransaction.begin(deployment.store(), new TransactionUsage(TransactionLimits.NONE),
                DocumentSchema.NONE);
    }

    @Override
    public void close() {
        client.close();
        deployment.close();
        threads.close();
        repository.close();
    }
}
