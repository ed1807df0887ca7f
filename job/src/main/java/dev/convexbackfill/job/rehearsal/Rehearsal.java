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
package dev.convexbackfill.job.rehearsal;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Source;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.rehearsal.RehearsalReport.Findings;
import dev.convexbackfill.job.rehearsal.RunEstimate.Measured;
import dev.convexbackfill.job.run.DeploymentCheck.Checked;
import dev.convexbackfill.job.schema.SchemaRules;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import dev.convexbackfill.readerswriters.transform.ChunkNotTransformedException;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/**
 * Finds out what a run of a plan would do, by reading documents as it does and transforming them as it does. It makes only
 * calls that read, and keeps only sums and a few examples. {@link #read} is called once; the other methods may be called at
 * any time, from any thread.
 */
public final class Rehearsal implements AutoCloseable {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final Duration RECENT = Duration.ofSeconds(3);

    private final Plan plan;
    private final ConvexClient client;
    private final Checked checked;
    private final Scope scope;
    private final long seed;
    private final Duration patience;
    private final SchemaRules schemas;
    private final RehearsalTally tally;
    private final JournalTally journal;
    private final TableReading reading;
    private final StopSignal stop = StopSignal.never();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<@Nullable Trouble> trouble = new AtomicReference<>();
    private volatile long began;
    private volatile long ended;

    private record Trouble(FailureCategory category, long sinceNanos) {}

    /**
     * Asks the deployment for its schemas, and reads nothing yet.
     *
     * @param client stays open
     * @param chain  stays open
     * @param seed   decides what is drawn at random
     */
    public Rehearsal(Plan plan, TransformChain chain, ConvexClient client, Checked checked, BackfillSettings settings,
            Scope scope, long seed) {
        this(plan, chain, client, checked, settings, scope, seed, _ -> {});
    }

    /** {@code witness} is shown every document, from any thread. */
    Rehearsal(Plan plan, TransformChain chain, ConvexClient client, Checked checked, BackfillSettings settings,
            Scope scope, long seed, Consumer<? super RehearsedDocument> witness) {
        this.plan = plan;
        this.client = client;
        this.checked = checked;
        this.seed = seed;
        this.scope = effective(scope, checked);
        this.patience = settings.giveUpAfter();
        CallOptions options = CallOptions.DEFAULT.withTimeout(settings.callTimeout())
                .withRetry(RetryPolicy.DEFAULT.withGiveUpAfter(settings.giveUpAfter()))
                .withListener((_, category, _) -> trouble.set(new Trouble(category, System.nanoTime())))
                .withStop(stop);
        this.schemas = plan.sink() != null ? SchemaRules.notForeseen()
                : SchemaRules.of(new DeploymentAdmin(client, options), Forecaster.tableWritten(plan));
        this.tally = new RehearsalTally(new MessageShape(plan.text()), seed);
        this.journal = new JournalTally(plan.chunk());
        Forecaster forecaster = new Forecaster(chain, schemas, plan, journal);
        ReadingTools tools = new ReadingTools(plan, checked.tableNumber(), client, new Throttle(plan.throttle()),
                options, stop, executor, documents -> rehearse(forecaster, documents, witness));
        this.reading = reading(tools);
    }

    private TableReading reading(ReadingTools tools) {
        Source source = plan.where().source();
        if (source != null) {
            return new SourceReading(tools, source, scope, seed);
        }
        return switch (scope) {
            case Scope.All _ -> new WholeTable(tools);
            case Scope.Sample(int documents) -> new TableSample(tools, documents, seed);
        };
    }

    /** A sample that is no smaller than the table is the table. */
    private static Scope effective(Scope scope, Checked checked) {
        return scope instanceof Scope.Sample(int documents) && checked.documents().isPresent()
                && checked.documents().getAsLong() <= documents ? new Scope.All() : scope;
    }

    private List<RehearsedDocument> rehearse(Forecaster forecaster, List<ConvexObject> documents,
            Consumer<? super RehearsedDocument> witness) {
        List<RehearsedDocument> rehearsed = forecast(forecaster, documents);
        tally.add(rehearsed);
        rehearsed.forEach(witness);
        return rehearsed;
    }

    /** What a run would wait out, a rehearsal waits out, too. */
    private List<RehearsedDocument> forecast(Forecaster forecaster, List<ConvexObject> documents) {
        long began = System.nanoTime();
        while (true) {
            try {
                return forecaster.forecast(documents);
            } catch (ChunkNotTransformedException | DataAccessException passing) {
                if (System.nanoTime() - began > patience.toNanos() || stop.await(RETRY_AFTER)) {
                    throw passing;
                }
            }
        }
    }

    /** Returns when all was read, or soon after {@link #stop}. Throws what made reading fail. */
    public void read() throws Exception {
        began = System.nanoTime();
        try {
            reading.read();
        } finally {
            ended = System.nanoTime();
        }
    }

    /** Ends reading. */
    public void stop(String reason) {
        stop.give(reason);
    }

    /** How far it is. */
    public RehearsalProgress progress() {
        Trouble last = trouble.get();
        boolean isRecent = last != null && System.nanoTime() - last.sinceNanos() < RECENT.toNanos();
        return new RehearsalProgress(reading.fraction(), tally.counts(),
                isRecent && last != null ? last.category() : null);
    }

    /** What was found so far. */
    public RehearsalReport report() {
        Findings findings = tally.findings(schemas);
        return new RehearsalReport(plan.name(), plan.table(), plan.write(),
                plan.where().slice() != null && plan.where().source() == null, plan.caveats(),
                client.url().toString(), scope, seed, stop.reason(),
                checked.documents(), findings, estimate(findings.counts()));
    }

    private RunEstimate estimate(RehearsalReport.Counts counts) {
        TableReading.Steps steps = reading.steps();
        Duration elapsed = Duration.ofNanos((ended == 0 ? System.nanoTime() : ended) - began);
        Measured measured = new Measured(counts, steps.pages(), steps.chunks(), steps.settlements(), journal);
        if (scope instanceof Scope.All && !stop.isGiven()) {
            return RunEstimate.whole(plan, measured, elapsed);
        }
        long documents = reading.chosenFrom().orElse(checked.documents().orElse(counts.read()));
        // reading single documents here and there tells nothing about the speed of whole pages
        Duration atReadSpeed = scope instanceof Scope.All && counts.read() > 0
                ? Duration.ofNanos(Math.round(elapsed.toNanos() * (documents / (double) counts.read())))
                : null;
        return RunEstimate.scaled(plan, measured, documents, atReadSpeed);
    }

    @Override
    public void close() {
        stop.give("the rehearsal is over");
        // does not wait: a call in flight ends with the signal, or by its time-out
        executor.shutdown();
    }
}
