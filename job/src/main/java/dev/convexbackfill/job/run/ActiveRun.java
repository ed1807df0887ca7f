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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.readerswriters.reader.PageSource;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import dev.convexbackfill.readerswriters.transform.ExternalTransforms;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A run that this process works on: its plan, its deployment, and the signal that stops it. Thread-safe. */
final class ActiveRun implements AutoCloseable {

    /** Above this a page's memory grows without much being saved in calls. */
    private static final int MAX_PAGE_DOCUMENTS = 1000;
    private static final long MAX_PAGE_BYTES = 1 << 20;

    private final Run run;
    private final Plan plan;
    private final ConvexClient client;
    private final BackfillSettings settings;
    private final TransformChain chain;
    private final Throttle throttle;
    private final PageSource pages;
    private final StopSignal stop = StopSignal.never();
    private final AtomicReference<@Nullable Trouble> trouble = new AtomicReference<>();

    /** Something that calls are waiting out. */
    record Trouble(FailureCategory category, long sinceNanos) {}

    ActiveRun(Run run, Plan plan, ConvexClient client, BackfillSettings settings, ExternalTransforms code) {
        this.run = run;
        this.plan = plan;
        this.client = client;
        this.settings = settings;
        this.chain = TransformChain.of(plan.steps(), code);
        this.throttle = new Throttle(plan.throttle());
        this.pages = new PageSource(client, plan.functions(), plan.table(),
                Math.max(plan.chunk().documents(), MAX_PAGE_DOCUMENTS),
                Math.min(plan.chunk().bytes().bytes(), MAX_PAGE_BYTES));
    }

    Run run() {
        return run;
    }

    Plan plan() {
        return plan;
    }

    TransformChain chain() {
        return chain;
    }

    Throttle throttle() {
        return throttle;
    }

    PageSource pages() {
        return pages;
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
                .withListener(this::heard)
                .withStop(signal);
    }

    Ledger ledger(StopSignal signal) {
        return new Ledger(client, calls(signal), plan.functions());
    }

    private void heard(FunctionPath function, FailureCategory category, Duration delay) {
        trouble.set(new Trouble(category, System.nanoTime()));
    }

    /** What calls have been waiting for in the last moments; null if nothing. */
    @Nullable
    FailureCategory recentTrouble(Duration within) {
        Trouble last = trouble.get();
        return last == null || System.nanoTime() - last.sinceNanos() > within.toNanos() ? null : last.category();
    }

    @Override
    public void close() {
        chain.close();
        client.close();
    }
}
