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
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.failure.FailureCategory.Effect;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Calls a mutation of the app's own until it answers, also after an answer that was lost: so it may be carried out more than
 * once. Nothing protects the app from an owner of a range who has lost it, as a fence does where the run writes itself; so
 * before each attempt the owner must be sure of its lease. Thread-safe.
 */
public final class FunctionCaller {

    /** What a function throws as {@code ConvexError({ code: "conflict" })}. */
    private static final ConvexValue CONFLICT = ConvexValue.of("conflict");
    /** Different for each call, so that messages that say the same would differ. */
    private static final Pattern REQUEST_ID = Pattern.compile("\\[Request ID: [^]]*] ");

    private final ConvexClient client;
    private final FunctionPath mutation;
    private final CallOptions options;

    /** {@code options} say how long to go on trying. */
    public FunctionCaller(ConvexClient client, FunctionPath mutation, CallOptions options) {
        this.client = client;
        this.mutation = mutation;
        this.options = options;
    }

    /**
     * Calls it. Throws {@link ConvexException} for what is no answer of the function, {@link FencedException} if {@code claim}'s
     * lease may be over.
     */
    CallAnswer call(ConvexObject args, RangeClaim claim) {
        CallOptions once = options.withRetry(RetryPolicy.NEVER);
        long began = System.nanoTime();
        for (int attempt = 1;; attempt++) {
            claim.requireLease();
            try {
                client.mutation(mutation, args, once);
                return new CallAnswer.Taken();
            } catch (ConvexException failure) {
                switch (failure.category()) {
                    case FUNCTION_FAILED -> {
                        return isConflict(failure) ? new CallAnswer.Conflicted()
                                : new CallAnswer.Refused(message(failure));
                    }
                    case TRANSACTION_TOO_LARGE -> {
                        return new CallAnswer.TooLarge(message(failure));
                    }
                    case UNAUTHORIZED, FUNCTION_NOT_FOUND, REQUEST_REFUSED, UNREACHABLE, RATE_LIMITED, OVERLOADED,
                            CONFLICTED, PAUSED, OUTCOME_UNKNOWN, ABANDONED -> waitToRepeat(failure, attempt, began);
                }
            }
        }
    }

    /** Throws {@code failure} if it is not to be repeated. */
    private void waitToRepeat(ConvexException failure, int attempt, long began) {
        FailureCategory category = failure.category();
        Duration delay = options.retry().delayAfter(attempt);
        Duration spent = Duration.ofNanos(System.nanoTime() - began);
        if (category.effect() == Effect.PERMANENT || category == FailureCategory.ABANDONED
                || spent.plus(delay).compareTo(options.retry().giveUpAfter()) > 0) {
            throw failure;
        }
        options.listener().onRetry(mutation, category, delay);
        if (options.stop().await(delay)) {
            throw failure;
        }
    }

    private static boolean isConflict(ConvexException failure) {
        return failure.data() instanceof ConvexObject data && CONFLICT.equals(data.get("code"));
    }

    private String message(ConvexException failure) {
        ConvexValue data = failure.data();
        return data != null ? "'%s' threw ConvexError(%s)".formatted(mutation, ConvexJson.encodeToString(data))
                : REQUEST_ID.matcher(String.valueOf(failure.getMessage())).replaceAll("");
    }
}
