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
package dev.convexbackfill.readerswriters.verification;

/** What is known of the run that is verified. Thread-safe. */
public interface RunFacts {

    /** True if the run has come to that document, or would have if there had been one. */
    boolean isDue(String id);

    /** When the deployment made the run's ledger, in milliseconds since 1970 by its own clock. */
    double beganAt();

    /** False if the journal of the document's range has fewer changes than the ledger counts. */
    boolean isJournalWhole(String id);

    /** False if a part of the run did something else than its plan says now. */
    boolean isPlanKnown();
}
