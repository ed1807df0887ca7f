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
package dev.convexbackfill.job.report;

import dev.convexbackfill.readerswriters.journal.FieldChange;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.readerswriters.verification.MismatchKind;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a run. Its JSON is what machines get, so names stay; {@code docs/report.md} describes them. It holds no
 * values of documents but those that messages of the quarantine quote.
 *
 * @param version of this form
 * @param samples what the run did in which time, in the order of time
 * @param found   by a verification; null for other runs
 */
public record Report(int version, Subject run, PlanFacts plan, Documents documents, Speed speed,
        List<ExecutionFacts> executions, int executionsLeftOut, List<Point> samples, FieldFacts fields,
        QuarantineFacts quarantine, @Nullable Found found, Family family) {

    /** The form that this version writes. */
    public static final int VERSION = 1;

    public Report {
        executions = List.copyOf(executions);
        samples = List.copyOf(samples);
    }

    Report with(Family newer) {
        return new Report(version, run, plan, documents, speed, executions, executionsLeftOut, samples, fields,
                quarantine, found, newer);
    }

    /** As {@link dev.convexbackfill.job.run.RunState} has them, and one more. */
    public enum State {
        CREATED, RUNNING, COMPLETED, STOPPED, FAILED,
        /** It runs by what the repository says, and no process executes it. */
        INTERRUPTED
    }

    /** As people and scripts call them. */
    public enum Kind {
        BACKFILL, REPLAY, ROLLBACK, VERIFICATION
    }

    /**
     * The run itself.
     *
     * @param of     the run that it replays, undoes or verifies; null for a backfill
     * @param reason why it stopped or failed, if it did
     * @param write  how it writes
     * @param done   what becomes of documents that count as changed, as people say it
     */
    public record Subject(String name, Kind kind, @Nullable String of, State state, @Nullable String reason,
            String deployment, String table, String write, String done, double fraction, int ranges, int rangesDone,
            Instant createdAt, @Nullable Instant startedAt, @Nullable Instant endedAt) {}

    /**
     * What it was to do.
     *
     * @param digest     of what the plan does to documents
     * @param path       where it was read from, if that is known
     * @param wasChanged true if a part of the run did something else, by a plan that was accepted later
     */
    public record PlanFacts(String name, String digest, @Nullable String path, boolean wasChanged,
            List<String> caveats, String text) {

        public PlanFacts {
            caveats = List.copyOf(caveats);
        }
    }

    /**
     * What became of documents.
     *
     * @param gone      deleted by the app before the run came to them
     * @param conflicts how often one was left and tried again, because the app had changed it
     * @param unsettled that are being tried again
     */
    public record Documents(long read, long changed, long unchanged, long gone, long quarantined, long conflicts,
            long unsettled) {}

    /**
     * How fast it went.
     *
     * @param elapsedMillis from its first beginning to its end, or to its last sample
     * @param workedMillis  of those, in which a process executed it; null if there are no samples
     */
    public record Speed(long elapsedMillis, @Nullable Long workedMillis, @Nullable Double documentsPerSecond,
            @Nullable Double documentsPerSecondWorked) {}

    /**
     * The time in which one process executed the run.
     *
     * @param endedAt    null while it goes on, and if the process was killed
     * @param lastSeenAt when it took its last sample
     * @param killed     true if it never said how it ended, and another has followed or none lives
     */
    public record ExecutionFacts(int number, String process, String program, Instant beganAt,
            @Nullable Instant endedAt, Instant lastSeenAt, boolean killed, @Nullable String state,
            @Nullable String reason) {}

    /**
     * Fields at the top of documents.
     *
     * @param known     false if nobody can tell: the run wrote by a function of the app's own, or wrote nothing
     * @param changes   by name
     * @param leftOut   how often one was changed that is not told apart
     */
    public record FieldFacts(boolean known, List<FieldChange> changes, long leftOut) {

        public FieldFacts {
            changes = List.copyOf(changes);
        }
    }

    /** What was in quarantine when the run ended. */
    public record QuarantineFacts(long documents, List<QuarantineGroup> groups) {

        public QuarantineFacts {
            groups = List.copyOf(groups);
        }
    }

    /**
     * Documents that are in quarantine for one reason.
     *
     * @param shape   what their messages have in common
     * @param example one of the messages
     * @param ids     the first of them
     */
    public record QuarantineGroup(Reason reason, String shape, long documents, String example, List<String> ids) {

        public QuarantineGroup {
            ids = List.copyOf(ids);
        }
    }

    /**
     * What a verification has found.
     *
     * @param sample how many documents of each range it looked at; null for all
     * @param first  some of the mismatches, what is wrong first; without values
     */
    public record Found(@Nullable Integer sample, long wrong, List<KindCount> kinds, List<Mismatched> first) {

        public Found {
            kinds = List.copyOf(kinds);
            first = List.copyOf(first);
        }
    }

    /** How often something was found. {@code wrong} is false for what a writing app does. */
    public record KindCount(MismatchKind kind, String meaning, boolean wrong, long number) {}

    /** A document of which something was found. */
    public record Mismatched(@Nullable String document, MismatchKind kind, @Nullable String field) {}

    /**
     * What was made of the run since. That changes when the run is at rest, too.
     *
     * @param inQuarantine now, after all replays
     * @param verdict      what its verifications say
     * @param next         what one might do now
     */
    public record Family(long inQuarantine, boolean journalDropped, Verdict verdict, @Nullable String verdictOf,
            List<VerificationFacts> verifications, List<Relative> replays, List<Relative> rollbacks, List<Next> next) {

        static final Family NONE = new Family(0, false, Verdict.NOT_APPLICABLE, null, List.of(), List.of(), List.of(),
                List.of());

        public Family {
            verifications = List.copyOf(verifications);
            replays = List.copyOf(replays);
            rollbacks = List.copyOf(rollbacks);
            next = List.copyOf(next);
        }
    }

    /** What the newest verification that is complete says, unless something has written since. */
    public enum Verdict {
        /** There is nothing that a verification could prove. */
        NOT_APPLICABLE, NOT_VERIFIED,
        /** A replay or a rollback has written since. */
        OUTDATED, SAMPLED, CLEAN, WRONG
    }

    /** A verification of the run. {@code outdated} if a replay or a rollback has written since it began. */
    public record VerificationFacts(String name, State state, @Nullable Integer sample, long wrong,
            List<KindCount> kinds, boolean outdated, @Nullable Instant endedAt) {

        public VerificationFacts {
            kinds = List.copyOf(kinds);
        }
    }

    /** A replay or a rollback of the run. */
    public record Relative(String name, State state, Documents documents, @Nullable Instant endedAt) {}

    /** A command, and what it is for. */
    public record Next(String what, String command) {}
}
