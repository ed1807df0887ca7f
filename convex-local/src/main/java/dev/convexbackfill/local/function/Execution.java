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
package dev.convexbackfill.local.function;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One run of a function, with all the functions that it calls in its transaction.
 *
 * @param startedAt milliseconds since 1970
 * @param seed      what random numbers come from
 * @param journal   the query's own; those that it calls have none
 */
record Execution(Caller caller, Origin origin, UUID id, double startedAt, long seed, LogLines log, Journal journal) {

    static Execution begin(Caller caller, Origin origin, double startedAt) {
        return begin(caller, origin, startedAt, Journal.empty());
    }

    static Execution begin(Caller caller, Origin origin, double startedAt, Journal journal) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new Execution(caller, origin, new UUID(random.nextLong(), random.nextLong()), startedAt,
                random.nextLong(), new LogLines(), journal);
    }

    String requestId() {
        return "%016x".formatted(origin.request());
    }

    /**
     * What had a function run.
     *
     * @param kind          as Convex's logs call it
     * @param request       the same for everything that one request leads to
     * @param scheduledCall the id of the row that had it scheduled; null for none
     * @param parent        the execution of the action that called it; null for none
     */
    record Origin(String kind, long request, @Nullable String scheduledCall, @Nullable UUID parent) {

        static Origin request(String kind) {
            return new Origin(kind, ThreadLocalRandom.current().nextLong(), null, null);
        }

        static Origin scheduledCall(String id) {
            return new Origin("Scheduler", ThreadLocalRandom.current().nextLong(), id, null);
        }

        static Origin action(Execution action) {
            return new Origin("Action", action.origin().request(), action.origin().scheduledCall(), action.id());
        }
    }
}
