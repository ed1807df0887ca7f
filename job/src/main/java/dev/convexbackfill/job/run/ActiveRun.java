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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.CallOptions.RetryListener;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.config.plan.IndexSlice;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Sink;
import dev.convexbackfill.config.plan.Source;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.canary.Canary;
import dev.convexbackfill.job.canary.CanarySlice;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.reader.DocumentsById;
import dev.convexbackfill.readerswriters.selection.DocumentSearch;
import dev.convexbackfill.readerswriters.selection.FunctionPages;
import dev.convexbackfill.readerswriters.selection.IndexPages;
import dev.convexbackfill.readerswriters.selection.SelectionStore;
import dev.convexbackfill.readerswriters.throttle.CallTimes;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import dev.convexbackfill.readerswriters.transform.DocumentTransform;
import dev.convexbackfill.readerswriters.transform.ExternalTransforms;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import dev.convexbackfill.readerswriters.writer.FunctionCaller;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;

/** A run that this process works on: its plan, its deployment, and the signal that stops it. Thread-safe. */
final class ActiveRun implements AutoCloseable {

    private final Run run;
    private final Plan plan;
    private final ConvexClient client;
    private final BackfillSettings settings;
    private final RunRepository repository;
    private final @Nullable DocumentTransform transform;
    private final Throttle throttle;
    private final SelectionStore selections;
    private final DocumentPages pages;
    private final @Nullable VerifiedRun verified;
    private @Nullable Verification verification;
    private @Nullable Canary canary;
    private int ranges;
    private final Pressure pressure;
    private final StopSignal stop = StopSignal.never();
    private final AtomicReference<@Nullable Trouble> trouble = new AtomicReference<>();
    private final CallTimes callTimes = new CallTimes();
    private final RetryListener listener = new Listener();

    /** Something that calls are waiting out. */
    record Trouble(FailureCategory category, long sinceNanos) {}

    ActiveRun(Run run, Plan plan, ConvexClient client, BackfillSettings settings, RunRepository repository,
            Function<Instant, ExternalTransforms> codeAt) {
        this.run = run;
        this.plan = plan;
        this.client = client;
        this.settings = settings;
        this.repository = repository;
        this.throttle = new Throttle(plan.throttle());
        this.pressure = new Pressure(plan.stopWhen());
        this.selections = repository.selections();
        ExternalTransforms code = codeAt.apply(run.createdAt());
        switch (run.kind()) {
            case RunKind.Backfill _ -> {
                this.transform = TransformChain.of(plan, repository.transforms(code));
                this.verified = null;
                this.pages = plan.where().isSearched()
                        ? documentsById((after, through, limit) -> selections.next(run.name(), after, through, limit))
                        : PagesOfRun.of(plan, client);
            }
            case RunKind.Retry(Replay replay) -> {
                this.verified = null;
                this.transform = TransformChain.of(plan, repository.transforms(code));
                this.pages = documentsById((after, through, limit) -> repository.transactions().execute(
                        _ -> repository.stores().quarantine().idsToReplay(replay, after, through, limit)));
            }
            case RunKind.Rollback rollback -> {
                this.verified = null;
                RollbackParts parts = RollbackParts.of(rollback, run, repository, this::documentsById);
                this.transform = parts.transform();
                this.pages = parts.pages();
            }
            case RunKind.Verification kind -> {
                this.verified = VerifiedRun.of(kind, plan, repository, codeAt);
                this.transform = null;
                this.pages = PagesOfRun.of(plan, client);
            }
        }
    }

    /** As {@link #pages()}, for whoever wants only so many documents of a range. */
    DocumentPages pages(long documents) {
        int atMost = Math.clamp(documents, 1, PagesOfRun.maxDocuments(plan));
        return plan.where().isSearched()
                ? new DocumentsById((after, through, limit) -> selections.next(run.name(), after, through, limit),
                        ledger(stop), PagesOfRun.maxBytes(plan), atMost)
                : PagesOfRun.of(plan, client, atMost);
    }

    /** How many documents of a range the canary takes. Throws {@link IllegalStateException} if that is not known. */
    synchronized long shareOfCanary(int range) {
        if (canary == null) {
            canary = repository.canaries().find(run.name()).orElseThrow(
                    () -> new IllegalStateException("Run '%s' has no canary".formatted(run.name())));
            ranges = repository.stores().ranges().list(run.name()).size();
        }
        CanarySlice slice = canary.slice();
        if (slice == null) {
            throw new IllegalStateException("The canary of run '%s' has no size".formatted(run.name()));
        }
        return slice.share(range, ranges);
    }

    /** What writing is like for the deployment and the app. */
    Pressure pressure() {
        return pressure;
    }

    private DocumentPages documentsById(DocumentsById.IdSource source) {
        return new DocumentsById(source, ledger(stop), PagesOfRun.maxBytes(plan));
    }

    Run run() {
        return run;
    }

    Plan plan() {
        return plan;
    }

    DocumentTransform transform() {
        return requireNonNull(transform, "a verification transforms nothing");
    }

    Throttle throttle() {
        return throttle;
    }

    DocumentPages pages() {
        return pages;
    }

    /** What it looks at as a verification; asks the deployment once. Throws {@link IllegalStateException} if it is none. */
    synchronized Verification verification() {
        if (verified == null) {
            throw new IllegalStateException("Run '%s' verifies no other".formatted(run.name()));
        }
        if (verification == null) {
            verification = verified.kind() instanceof RunKind.Rollback rollback
                    ? new RollbackVerification(this, verified, rollback)
                    : new PlanVerification(this, verified);
        }
        return verification;
    }

    ConvexClient client() {
        return client;
    }

    RunRepository repository() {
        return repository;
    }

    /** Finds the documents that an index or the app's own query selects, as far as they are not found yet. */
    void findDocuments() throws JobInterruptedException {
        if (!plan.where().isSearched() || !(run.kind() instanceof RunKind.Backfill)
                || selections.progress(run.name()).isComplete()) {
            return;
        }
        CallOptions options = calls(stop);
        search(new DeploymentAdmin(client, options)).complete(run.name(), selections, throttle, options);
    }

    private DocumentSearch search(DeploymentAdmin admin) {
        Source source = plan.where().source();
        if (source != null) {
            Long number = admin.tableNumbers().get(plan.table());
            if (number == null) {
                throw new RefusedException("The deployment %s has no table '%s' any more".formatted(client.url(),
                        plan.table()));
            }
            return new DocumentSearch(new FunctionPages(client, source, plan.table(), number), false);
        }
        IndexSlice slice = requireNonNull(plan.where().slice(), "what is searched has an index or a source");
        boolean orderStays = new SliceCheck(admin, plan.table(), slice).requireUsable();
        return new DocumentSearch(new IndexPages(client, plan.functions(), plan.table(), slice), orderStays);
    }

    /** Calls the app's own function, and ends with {@code signal}. */
    FunctionCaller caller(Sink sink, StopSignal signal) {
        return new FunctionCaller(client, sink.mutation(), calls(signal));
    }

    /** True if it inserts documents again that are gone. */
    boolean restores() {
        return run.kind() instanceof RunKind.Rollback && run.write() instanceof Write.InsertInto;
    }

    /** Sees to it that what a rollback is to undo is known to the last chunk, and that nobody adds to it. */
    void secureUndone() {
        if (run.kind() instanceof RunKind.Rollback rollback) {
            UndoneRun.secure(rollback.of(), repository, ledger(stop));
        }
    }

    /** Given when the run is to stop. */
    StopSignal stop() {
        return stop;
    }

    Duration stopGrace() {
        return settings.stopGrace();
    }

    /** Calls that go on trying as long as the settings say, and end with {@code signal}. */
    CallOptions calls(StopSignal signal) {
        return CallOptions.DEFAULT
                .withTimeout(settings.callTimeout())
                .withRetry(RetryPolicy.DEFAULT.withGiveUpAfter(settings.giveUpAfter()))
                .withListener(listener)
                .withStop(signal);
    }

    Ledger ledger(StopSignal signal) {
        return new Ledger(client, calls(signal), plan.functions());
    }

    private final class Listener implements RetryListener {

        @Override
        public void onRetry(FunctionPath function, FailureCategory category, Duration delay) {
            trouble.set(new Trouble(category, System.nanoTime()));
            throttle.waits().add(WaitReason.of(category), delay.toNanos());
        }

        @Override
        public void onAnswer(FunctionPath function, Duration took) {
            callTimes.add(took);
        }
    }

    /** How long the deployment takes to answer this process. */
    CallTimes callTimes() {
        return callTimes;
    }

    /** What calls have been waiting for in the last moments; null if nothing. */
    @Nullable
    FailureCategory recentTrouble(Duration within) {
        Trouble last = trouble.get();
        return last == null || System.nanoTime() - last.sinceNanos() > within.toNanos() ? null : last.category();
    }

    @Override
    public void close() {
        if (verified != null) {
            verified.close();
        }
        if (transform != null) {
            transform.close();
        }
        client.close();
    }
}
