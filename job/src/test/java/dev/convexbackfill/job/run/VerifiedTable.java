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
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.BackfillFunctions;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.partitioner.dispatch.TaskScope;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import dev.convexbackfill.readerswriters.verification.MismatchKind;
import dev.convexbackfill.readerswriters.verification.VerificationStore;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A table that runs go over, and verifications after them, in this process. */
final class VerifiedTable implements AutoCloseable {

    static final String RUN = "names";

    final LocalDeployment deployment = LocalDeployment.builder().start();
    final RunContext context;
    final RunRepository repository;
    private int verifications;

    VerifiedTable(TestDatabase.Kind kind, Path folder) {
        TestDatabase database = kind.create(folder);
        context = RunContext.open(new RepositoryLocation(database.url(), database.username(), database.password()),
                BackfillSettings.DEFAULT);
        repository = context.repository();
    }

    /** Documents with an {@code n} from 0 on, so long before the run that nobody doubts it. */
    void load(String table, int documents) {
        deployment.load(table, IntStream.range(0, documents).mapToObj(
                n -> ConvexObject.of("n", ConvexValue.number(n), "name", ConvexValue.of("Ada L" + n))));
        long loaded = System.currentTimeMillis();
        Awaitility.await().until(() -> System.currentTimeMillis() > loaded + 1100);
    }

    static Plan plan(String text) {
        return PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: names
                table: users
                chunk: { documents: 10 }
                """ + text);
    }

    long tableNumber(String table) {
        try (ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build()) {
            return new DeploymentAdmin(client, CallOptions.DEFAULT).tableNumbers().getOrDefault(table, 1L);
        }
    }

    void create(Plan plan, int ranges) {
        assertThat(repository.runs().create(RUN, UUID.randomUUID().toString(), deployment.url().toString(), plan,
                null, Range.cut(tableNumber(plan.table()), ranges))).isTrue();
    }

    void run(Plan plan, int ranges) {
        create(plan, ranges);
        assertThat(execute(RUN, run -> run.state().isAtRest()).state()).isEqualTo(RunState.COMPLETED);
    }

    /** Tries the quarantine of the run again. */
    void replay(Plan plan) {
        repository.runs().createReplay(new Replay(RUN, "again"), UUID.randomUUID().toString(),
                deployment.url().toString(), plan, null, Range.cut(tableNumber(plan.table()), 3));
        assertThat(execute("again", run -> run.state().isAtRest()).state()).isEqualTo(RunState.COMPLETED);
    }

    /** Has a run executed until it is as it should be, and then hands it back. */
    Run execute(String name, Predicate<Run> until) {
        try (RunEngine engine = context.engine(deployment.adminKey(), new TaskScope.OneRun(name), 4, () -> {})) {
            engine.start();
            engine.submit(name);
            Awaitility.await().pollInSameThread().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofMinutes(2))
                    .until(() -> until.test(repository.runs().find(name).orElseThrow()));
            // closing alone would interrupt threads, and H2 takes that as the end of its file
            repository.runs().requestStop(name, "the test has seen enough");
            engine.stop(name, "the test has seen enough");
            Awaitility.await().pollInSameThread().atMost(Duration.ofMinutes(1)).until(
                    () -> repository.runs().find(name).orElseThrow().state().isAtRest() && !engine.isManaging(name));
        }
        return repository.runs().find(name).orElseThrow();
    }

    /** Stores a verification, and returns its name. */
    String createVerification(@Nullable Integer sample, Plan plan, int ranges) {
        String name = "verify-" + ++verifications;
        List<Range> all = new ArrayList<>(Range.cut(tableNumber(plan.table()), ranges));
        if (plan.write() instanceof Write.InsertInto(String target)) {
            Range.cut(tableNumber(target), ranges)
                    .forEach(range -> all.add(new Range(ranges + range.number(), range.after(), range.through())));
        }
        repository.runs().createVerification(name, new RunKind.Verification(RUN, sample),
                UUID.randomUUID().toString(), plan, all);
        return name;
    }

    /** Verifies the run, and says how much of each kind was found. */
    Map<MismatchKind, Long> verify(Plan plan, int ranges) {
        String name = createVerification(null, plan, ranges);
        Run ended = execute(name, run -> run.state().isAtRest());
        assertThat(ended.state()).describedAs(ended.reason()).isEqualTo(RunState.COMPLETED);
        return found(name);
    }

    /** The ids of documents that functions send from now on. */
    Set<String> watchDocumentsSent() {
        Set<String> sent = ConcurrentHashMap.newKeySet();
        deployment.install(BackfillFunctions.all().stream().map(function -> new FunctionDefinition(function.path(),
                function.kind(), function.visibility(), function.args(), function.returns(), (context, args) -> {
                    ConvexValue result = function.body().run(context, args);
                    noteIds(result, sent);
                    return result;
                })).toList());
        return sent;
    }

    private static void noteIds(ConvexValue value, Set<String> sent) {
        switch (value) {
            case ConvexArray array -> array.forEach(element -> noteIds(element, sent));
            case ConvexObject object -> object.forEach((name, field) -> {
                if (name.equals("_id") && field instanceof ConvexString(String id)) {
                    sent.add(id);
                }
                noteIds(field, sent);
            });
            default -> {
                // holds no document
            }
        }
    }

    Map<MismatchKind, Long> found(String verification) {
        return repository.transactions()
                .execute(_ -> new VerificationStore(repository.jdbc()).counts(verification));
    }

    List<VerificationStore.Row> rows(String verification) {
        return repository.transactions().execute(_ -> {
            VerificationStore store = new VerificationStore(repository.jdbc());
            List<VerificationStore.Row> rows = new ArrayList<>(
                    store.page(verification, true, Integer.MIN_VALUE, 0, 10_000));
            rows.addAll(store.page(verification, false, Integer.MIN_VALUE, 0, 10_000));
            return rows;
        });
    }

    /** Of the verification that was made last. */
    List<VerificationStore.Row> rows() {
        return rows("verify-" + verifications);
    }

    /** Ids of a table in the order of {@code n}. */
    List<String> ids(String table) {
        return documents(table).stream().map(document -> document.string("_id")).toList();
    }

    List<ConvexObject> documents(String table) {
        List<ConvexObject> documents = new ArrayList<>();
        deployment.forEach(table, documents::add);
        documents.sort(Comparator.comparingDouble(document -> document.number("n")));
        return documents;
    }

    /** What somebody does behind the run's back. Returns false if another write was faster. */
    boolean write(Consumer<DocumentTransaction> work) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            work.accept(transaction);
            transaction.commit();
            return true;
        } catch (ConflictException _) {
            return false;
        }
    }

    void patch(String id, String field, @Nullable ConvexValue value) {
        Map<String, @Nullable ConvexValue> fields = new HashMap<>();
        fields.put(field, value);
        assertThat(write(transaction -> transaction.patch(id, fields))).isTrue();
    }

    /** Puts a document there that the run has never seen, as if it had been there before. */
    String plant(String table, ConvexObject fields) {
        String id = DocumentId.of(tableNumber(table), new byte[]{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7})
                .toString();
        assertThat(write(transaction -> transaction.restore(table,
                fields.with("_id", ConvexValue.of(id)).with("_creationTime", ConvexValue.number(1_000_000)))))
                .isTrue();
        return id;
    }

    int sql(String statement) {
        return repository.transactions().execute(_ -> repository.jdbc().sql(statement).update());
    }

    @Override
    public void close() {
        context.close();
        deployment.close();
    }
}
