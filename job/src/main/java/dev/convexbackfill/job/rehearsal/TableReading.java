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
package dev.convexbackfill.job.rehearsal;

import java.util.OptionalLong;

/** Reads what a rehearsal is about, once. */
sealed interface TableReading permits WholeTable, TableSample, SourceReading {

    /** Returns when all was read, or soon after the stop signal was given. Throws what made reading fail. */
    void read() throws Exception;

    /** How much of it was read so far, from 0 to 1. */
    double fraction();

    /** What a run would do with all that was read so far; zeros where this can't be told. */
    Steps steps();

    /** How many documents the run is for, where that is not the whole table and known by now. */
    default OptionalLong chosenFrom() {
        return OptionalLong.empty();
    }

    /**
     * Calls of a run.
     *
     * @param pages       queries that read pages
     * @param chunks      mutations that apply changes, or only move the position
     * @param settlements mutations that put into quarantine what the deployment refused
     */
    record Steps(long pages, long chunks, long settlements) {

        static final Steps NONE = new Steps(0, 0, 0);
    }
}
