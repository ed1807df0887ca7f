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
package dev.convexbackfill.readerswriters.throttle;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.config.plan.ByteSize;
import dev.convexbackfill.config.plan.Plan;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How fast this process may go for one run. Every wait ends with the stop signal. Thread-safe. */
public final class Throttle {

    private static final Duration LOOK_FOR_STOP_EVERY = Duration.ofMillis(100);

    private final Semaphore reads;
    private final Semaphore writes;
    private final long documentsPerSecond;
    private final @Nullable Bucket documents;
    private final @Nullable Bucket bytes;
    private final Waits waits = new Waits();

    public Throttle(Plan.Throttle limits) {
        this.reads = new Semaphore(limits.concurrency());
        this.writes = new Semaphore(limits.concurrency());
        Integer perSecond = limits.documentsPerSecond();
        this.documentsPerSecond = perSecond == null ? Long.MAX_VALUE : perSecond;
        this.documents = bucket(perSecond == null ? null : perSecond.longValue());
        ByteSize bytesPerSecond = limits.bytesPerSecond();
        this.bytes = bucket(bytesPerSecond == null ? null : bytesPerSecond.bytes());
    }

    private static @Nullable Bucket bucket(@Nullable Long perSecond) {
        return perSecond == null ? null
                : Bucket.builder()
                        .addLimit(limit -> limit.capacity(perSecond).refillGreedy(perSecond, Duration.ofSeconds(1))
                                .initialTokens(Math.max(1, perSecond / 10)))
                        .build();
    }

    /** How many documents the plan lets pass in a second; {@link Long#MAX_VALUE} if it does not say. */
    public long documentsPerSecond() {
        return documentsPerSecond;
    }

    /** A place among the calls in flight. */
    public interface Permit extends AutoCloseable {

        @Override
        void close();
    }

    /** Waits for a place to read. Returns null if the signal was given before there was one. */
    public @Nullable Permit acquireRead(StopSignal stop) {
        return acquire(reads, stop);
    }

    /**
     * Waits until so much may be written and there is a place to write. Returns null if the signal was given before; then
     * what was waited for is not used up twice by whoever tries again soon, only late.
     */
    public @Nullable Permit acquireWrite(long documentCount, long byteCount, StopSignal stop) {
        return pace(documentCount, byteCount, stop) ? acquire(writes, stop) : null;
    }

    /** Waits until so much may be gone through. Returns false if the signal was given before. */
    public boolean pace(long documentCount, long byteCount, StopSignal stop) {
        long forDocuments = reserve(documents, documentCount);
        long forBytes = reserve(bytes, byteCount);
        long nanos = Math.max(forDocuments, forBytes);
        if (nanos <= 0) {
            return !stop.isGiven();
        }
        long begin = System.nanoTime();
        boolean isStopped = stop.await(Duration.ofNanos(nanos));
        waits.add(forDocuments >= forBytes ? WaitReason.PLAN_DOCUMENTS : WaitReason.PLAN_BYTES,
                System.nanoTime() - begin);
        return !isStopped;
    }

    /** What was waited for so far; whoever else waits for the run's sake adds to it. */
    public Waits waits() {
        return waits;
    }

    /** Takes tokens that may not be there yet, and tells how long to wait until they are. */
    private static long reserve(@Nullable Bucket bucket, long tokens) {
        return bucket == null || tokens == 0 ? 0 : bucket.consumeIgnoringRateLimits(tokens);
    }

    private @Nullable Permit acquire(Semaphore places, StopSignal stop) {
        if (stop.isGiven()) {
            return null;
        }
        if (places.tryAcquire()) {
            return places::release;
        }
        long begin = System.nanoTime();
        try {
            while (!stop.isGiven()) {
                if (places.tryAcquire(LOOK_FOR_STOP_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                    return places::release;
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            waits.add(WaitReason.PLAN_CONCURRENCY, System.nanoTime() - begin);
        }
        return null;
    }
}
