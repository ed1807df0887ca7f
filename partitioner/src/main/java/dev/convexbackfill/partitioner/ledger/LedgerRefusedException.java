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
package dev.convexbackfill.partitioner.ledger;

/** The ledger did not do what it was asked, on purpose; nothing was written. */
public final class LedgerRefusedException extends RuntimeException {

    private final Refusal refusal;

    LedgerRefusedException(Refusal refusal, String message) {
        super(message);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }

    /** Why. */
    public enum Refusal {
        /** The range has a newer owner: whoever gets this must stop. */
        FENCED("fenced"),
        /** The range was not claimed with this fence. */
        UNCLAIMED("unclaimed"),
        /** The chunk does not follow the last one: the ledger must be read again. */
        OUT_OF_ORDER("outOfOrder"),
        /** The chunk contradicts itself. */
        INVALID("invalid"),
        /** The row is not there: the run was purged, or belongs to another deployment. */
        LEDGER_MISSING("ledgerMissing"),
        /** The deployment has a run of that name from another repository. */
        RUN_TAKEN("runTaken"),
        /** It is too much for one transaction. */
        TOO_LARGE("tooLarge");

        private final String code;

        Refusal(String code) {
            this.code = code;
        }

        String code() {
            return code;
        }
    }
}
