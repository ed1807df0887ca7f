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
package dev.convexbackfill.client;

import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.failure.RetryPolicy;
import java.time.Duration;

/**
 * How patient one call is. Immutable.
 *
 * @param timeout    how long one attempt may take; after it the outcome is unknown
 * @param retry      when to repeat a failed attempt
 * @param repeatable true if it is harmless to carry the call out twice, so that it may be repeated after an unknown outcome
 * @param stop       ends waiting and the attempt in flight
 * @param listener   hears of each attempt that will be repeated
 */
public record CallOptions(Duration timeout, RetryPolicy retry, boolean repeatable, StopSignal stop,
        RetryListener listener) {

    /** Convex lets a function's transaction take some 16 s; the server's own limit is 300 s. */
    public static final CallOptions DEFAULT = new CallOptions(Duration.ofSeconds(30), RetryPolicy.DEFAULT, false,
            StopSignal.never(), (_, _, _) -> {});

    public CallOptions {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("'timeout' is %s and must be positive".formatted(timeout));
        }
    }

    public CallOptions withTimeout(Duration time) {
        return new CallOptions(time, retry, repeatable, stop, listener);
    }

    public CallOptions withRetry(RetryPolicy policy) {
        return new CallOptions(timeout, policy, repeatable, stop, listener);
    }

    public CallOptions withStop(StopSignal signal) {
        return new CallOptions(timeout, retry, repeatable, signal, listener);
    }

    public CallOptions withListener(RetryListener hears) {
        return new CallOptions(timeout, retry, repeatable, stop, hears);
    }

    /** Declares that carrying the call out twice is harmless. Queries are always repeatable and need not say so. */
    public CallOptions asRepeatable() {
        return new CallOptions(timeout, retry, true, stop, listener);
    }

    boolean mayRepeat(FailureCategory category) {
        return switch (category.effect()) {
            case NOT_COMMITTED -> true;
            case UNKNOWN -> repeatable && category != FailureCategory.ABANDONED;
            case PERMANENT -> false;
        };
    }

    /** Hears of attempts that failed and will be repeated. Must not block. */
    public interface RetryListener {

        void onRetry(FunctionPath function, FailureCategory category, Duration delay);

        /** Hears also of calls that have succeeded: how long the last attempt took, from sending to the answer. */
        default void onAnswer(FunctionPath function, Duration took) {
            // most need not know
        }
    }
}
