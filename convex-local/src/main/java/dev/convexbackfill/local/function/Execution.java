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

import java.util.concurrent.ThreadLocalRandom;

/**
 * One call from outside, with all the functions that are called on the way.
 *
 * @param startedAt milliseconds since 1970
 * @param seed      what random numbers come from
 * @param journal   the query's own; those that it calls have none
 */
record Execution(Caller caller, double startedAt, long seed, LogLines log, Journal journal) {

    static Execution begin(Caller caller, double startedAt) {
        return begin(caller, startedAt, Journal.empty());
    }

    static Execution begin(Caller caller, double startedAt, Journal journal) {
        return new Execution(caller, startedAt, ThreadLocalRandom.current().nextLong(), new LogLines(), journal);
    }
}
