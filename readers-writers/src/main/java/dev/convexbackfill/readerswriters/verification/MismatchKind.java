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

/** What can be wrong, or worth to know, after a run. The names are part of results for machines. */
public enum MismatchKind {

    /** A table of the run is gone. */
    TABLE_MISSING(true, "a table is gone"),
    /** The ranges of the run leave a gap, overlap, or one is missing. */
    MISSING_RANGE(true, "the ranges do not cover the table"),
    /** The ledger in the deployment says something else than the repository. */
    LEDGER_DIFFERS(true, "the ledger differs from the repository"),
    /** The journal has more or fewer changes than the ledger counts. */
    JOURNAL_DIFFERS(true, "the journal differs from the ledger"),
    /** There are more or fewer documents in quarantine than the ledger counts. */
    QUARANTINE_DIFFERS(true, "the quarantine differs from the ledger"),
    /** There are more or fewer new ids than the ledger counts copies. */
    COPIES_DIFFER(true, "the new ids differ from the ledger"),
    /** The table has more documents from before the run than the ledger accounts for. */
    COUNT_DIFFERS(true, "the ledger does not account for all documents"),

    /** The plan would still change the document. */
    NOT_MIGRATED(true, "not migrated"),
    /** The plan would change the document, and the journal of its range is not complete. */
    NOT_PROVEN(true, "the journal does not tell whether it was migrated"),
    /** The document is what the plan makes of what the run has written. */
    MIGRATED_TWICE(true, "migrated twice"),
    /** The run has written something else than the plan makes of what the document held. */
    RECOMPUTED_DIFFERS(true, "the plan gives something else than the run has written"),
    /** The run has deleted the document, and it is there. */
    NOT_DELETED(true, "not deleted"),
    /** The document still has what a run has done, and a rollback was to undo it. */
    NOT_UNDONE(true, "not undone"),
    /** The source is there, and the document that was inserted for it is gone. */
    COPY_MISSING(true, "the copy is gone"),
    /** Two documents hold each what the other should. */
    SWAPPED_PAIR(true, "swapped with another document"),
    /** There is one copy more than sources. */
    EXTRA_COPY(true, "one copy too many"),
    /** The document is not what the plan ensures. */
    ENSURE_FAILED(true, "not as the plan ensures"),

    /** Somebody has written to what the run wrote. */
    CHANGED_SINCE(false, "changed since"),
    /** Somebody has deleted the document. */
    DELETED_SINCE(false, "deleted since"),
    /** No run has inserted the document, and it came while or after the run did. */
    UNKNOWN_COPY(false, "inserted by somebody else");

    private final boolean isWrong;
    private final String meaning;

    MismatchKind(boolean isWrong, String meaning) {
        this.isWrong = isWrong;
        this.meaning = meaning;
    }

    /** False for what is listed, because a writing app does it, too. */
    public boolean isWrong() {
        return isWrong;
    }

    /** For people. */
    public String meaning() {
        return meaning;
    }
}
