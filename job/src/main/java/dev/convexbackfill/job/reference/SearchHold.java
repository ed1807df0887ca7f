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
package dev.convexbackfill.job.reference;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.job.reference.ReferenceStore.Answer;
import java.time.Duration;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * A search that this process does: says again and again that it lives, and gives the stop signal when somebody has asked it to
 * stop, or when another has become the owner. Closing it lets the search go.
 */
final class SearchHold implements AutoCloseable {

    /** Why a search stops that another has become the owner of. */
    static final String LOST = "another process, which has taken it over";

    private static final Duration SIGN_EVERY = Duration.ofMillis(500);

    private final ReferenceStore store;
    private final String run;
    private final long fence;
    private final StopSignal ended = StopSignal.never();

    SearchHold(ReferenceStore store, String run, long fence, StopSignal stop) {
        this.store = store;
        this.run = run;
        this.fence = fence;
        Thread.ofVirtual().name("search of " + run).start(() -> live(stop));
    }

    long fence() {
        return fence;
    }

    private void live(StopSignal stop) {
        while (!ended.await(SIGN_EVERY)) {
            try {
                Answer answer = store.sign(run, fence);
                switch (answer) {
                    case GO_ON -> {
                        // until the next time
                    }
                    case STOP -> stop.give("./backfill stop");
                    case LOST -> stop.give(LOST);
                }
            } catch (DataAccessException | TransactionException unreachable) {
                // whatever is stored next says so, and is refused if another has become the owner by then
            }
        }
    }

    @Override
    public void close() {
        ended.give("the search has ended");
        try {
            store.release(run, fence, false);
        } catch (DataAccessException | TransactionException unreachable) {
            // others find out when this process has ended, or was silent for its lease
        }
    }
}
