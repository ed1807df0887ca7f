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

import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import java.time.Duration;

/** Hears what writing a range is like for the deployment and for its documents. Called by the thread that writes. */
public interface WriteListener {

    /** Hears nothing. */
    WriteListener NONE = new WriteListener() {

        @Override
        public void called(Duration time) {}

        @Override
        public void written(Counts before, Counts after) {}
    };

    /** A call that writes has come back after so long, with all that it waited for and all that was tried again. */
    void called(Duration time);

    /** Documents are written, and what was left of them is settled: what the range counted before, and what it counts now. */
    void written(Counts before, Counts after);
}
