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

import dev.convexbackfill.config.plan.Allowance;
import dev.convexbackfill.config.plan.StopWhen;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What the deployment and the app show of a run's writes, in this process and since it began to work on the run: who resumes a run
 * that was stopped begins anew. Thread-safe.
 */
final class Pressure {

    /** Calls that are looked at: the last. */
    private static final int CALLS = 100;
    /** Of fewer calls, one that took long would say too much. */
    private static final int MIN_CALLS = 20;
    /** Documents of which a part is allowed: the last. */
    private static final int DOCUMENTS = 10_000;

    private final StopWhen limits;
    private final Deque<Long> calls = new ArrayDeque<>();
    private final Deque<Written> recent = new ArrayDeque<>();
    private long read;
    private long conflicts;

    /** A chunk, with the documents that it has read and how often the app was faster. */
    private record Written(long read, long conflicts) {}

    Pressure(StopWhen limits) {
        this.limits = limits;
    }

    /** Milliseconds; 0 if every time is allowed. */
    long latencyAllowed() {
        Duration allowed = limits.latency();
        return allowed == null ? 0 : allowed.toMillis();
    }

    /** Adds a call; says what is too much, if it is. */
    synchronized Optional<String> called(Duration time) {
        if (limits.latency() == null) {
            return Optional.empty();
        }
        calls.add(time.toNanos());
        if (calls.size() > CALLS) {
            calls.remove();
        }
        long[] sorted = calls.stream().mapToLong(Long::longValue).sorted().toArray();
        Duration slow = Duration.ofNanos(sorted[Math.ceilDiv(95 * sorted.length, 100) - 1]);
        return sorted.length < MIN_CALLS || slow.compareTo(limits.latency()) <= 0 ? Optional.empty()
                : Optional.of("Of the last %d calls that write, 5%% took %d ms or longer".formatted(sorted.length,
                        slow.toMillis()));
    }

    /** Adds documents that were written or left alone; says what is too much, if it is. */
    synchronized Optional<String> written(long documents, long inConflict) {
        Allowance allowed = limits.conflicts();
        if (allowed == null) {
            return Optional.empty();
        }
        read += documents;
        conflicts += inConflict;
        if (allowed.ofRead() > 0) {
            forgetOld(new Written(documents, inConflict));
        }
        return inConflict == 0 || !allowed.isTooMuch(conflicts, read) ? Optional.empty()
                : Optional.of("The app was faster %d times at the last %d documents".formatted(conflicts, read));
    }

    private void forgetOld(Written next) {
        recent.add(next);
        while (recent.size() > 1 && read - recent.element().read() >= DOCUMENTS) {
            Written old = recent.remove();
            read -= old.read();
            conflicts -= old.conflicts();
        }
    }
}
