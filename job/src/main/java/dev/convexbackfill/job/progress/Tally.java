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
package dev.convexbackfill.job.progress;

import dev.convexbackfill.client.failure.FailureCategory;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** How far some work is, for those who look on. Thread-safe. */
public final class Tally {

    private final LongAdder read = new LongAdder();
    private final LongAdder expected = new LongAdder();
    private volatile String doing = "";
    private volatile @Nullable Trouble trouble;

    private record Trouble(FailureCategory category, long sinceNanos) {}

    /** One more document. */
    public void add() {
        read.increment();
    }

    /** So many more documents. */
    public void add(long documents) {
        read.add(documents);
    }

    /** So many more documents are to come, as far as is known. */
    public void expect(long documents) {
        expected.add(documents);
    }

    /** What is being done now, in words. */
    public void say(String what) {
        doing = what;
    }

    /** A call failed and is made again. */
    public void heard(FailureCategory category) {
        trouble = new Trouble(category, System.nanoTime());
    }

    public long read() {
        return read.sum();
    }

    public String doing() {
        return doing;
    }

    /** From 0 to 1; counts of tables may be wrong by what the app writes. */
    public double fraction() {
        long all = expected.sum();
        return all == 0 ? 0 : Math.min(1, read.sum() / (double) all);
    }

    /** What calls have been waiting for in the last moments; null if nothing. */
    public @Nullable FailureCategory trouble(Duration within) {
        Trouble last = trouble;
        return last == null || System.nanoTime() - last.sinceNanos() > within.toNanos() ? null : last.category();
    }
}
