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
package dev.convexbackfill.readerswriters.reader;

import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException.Refusal;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * How many documents a call may ask for. What is too much for one transaction is asked for again with fewer documents, down
 * to one; later calls grow again. Thread-safe.
 */
public final class PageLimit {

    private final int max;
    private final AtomicInteger documents;

    public PageLimit(int max) {
        this.max = max;
        this.documents = new AtomicInteger(max);
    }

    /** What {@code call} returns for as many documents as it may ask for. Throws what it throws even for one. */
    public <T> T fit(IntFunction<T> call) {
        while (true) {
            int wanted = documents.get();
            try {
                T read = call.apply(wanted);
                documents.compareAndSet(wanted, Math.min(max, wanted + Math.max(1, wanted / 5)));
                return read;
            } catch (ConvexException | LedgerRefusedException failure) {
                if (wanted == 1 || !mayPassWhenSmaller(failure)) {
                    throw failure;
                }
                documents.compareAndSet(wanted, Math.max(1, wanted / 2));
            }
        }
    }

    /** Has later calls ask for at most {@code fewer}, until they grow again. */
    public void lowerTo(int fewer) {
        documents.updateAndGet(now -> Math.clamp(fewer, 1, now));
    }

    private static boolean mayPassWhenSmaller(RuntimeException failure) {
        if (failure instanceof ConvexException failed && failed.category() == FailureCategory.FUNCTION_FAILED
                && failed.data() == null) {
            // deployments that keep their messages to themselves say no more than that the function failed
            return true;
        }
        RuntimeException translated = failure instanceof ConvexException failed ? Ledger.translate(failed) : failure;
        return translated instanceof LedgerRefusedException refused && refused.refusal() == Refusal.TOO_LARGE;
    }
}
