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

import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.report.Report.Family;
import dev.convexbackfill.job.report.Report.KindCount;
import dev.convexbackfill.job.report.Report.Next;
import dev.convexbackfill.job.report.Report.Relative;
import dev.convexbackfill.job.report.Report.State;
import dev.convexbackfill.job.report.Report.Verdict;
import dev.convexbackfill.job.report.Report.VerificationFacts;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts together what was made of a run since, and what one might do next. */
final class FamilyFacts {

    private final RunRepository repository;
    private final RunFacts facts;

    FamilyFacts(RunRepository repository, RunFacts facts) {
        this.repository = repository;
        this.facts = facts;
    }

    Family of(Run run) {
        String root = run.replayOf() == null ? run.name() : run.replayOf();
        List<Run> replays = runs("replay_of", run.name());
        List<Run> rollbacks = runs("rollback_of", root);
        List<Run> writers = new ArrayList<>(runs("replay_of", root));
        writers.addAll(rollbacks);
        List<VerificationFacts> verifications = runs("verification_of", root).stream()
                .map(verification -> verification(verification, writers)).toList();
        VerificationFacts last = verifications.stream().filter(one -> one.state() == State.COMPLETED)
                .reduce((_, newer) -> newer).orElse(null);
        Verdict verdict = verdict(run, last);
        boolean journalDropped = journalDropped(root);
        long inQuarantine = run.kind() instanceof RunKind.Verification ? 0
                : repository.transactions().execute(_ -> repository.stores().quarantine().count(run.name()));
        Family family = new Family(inQuarantine, journalDropped, verdict, last == null ? null : last.name(),
                verifications, relatives(replays), relatives(rollbacks), List.of());
        return new Family(inQuarantine, journalDropped, verdict, family.verdictOf(), verifications, family.replays(),
                family.rollbacks(), next(run, root, family));
    }

    /** {@code column} is one of the table's. The oldest first. */
    private List<Run> runs(String column, String name) {
        return repository.transactions().execute(_ -> repository.jdbc()
                .sql("select name from backfill_run where %s = :run order by created_at, name".formatted(column))
                .param("run", name).query(String.class).list()).stream()
                .map(repository.runs()::find).flatMap(Optional::stream).toList();
    }

    private boolean journalDropped(String run) {
        return repository.transactions().execute(_ -> repository.jdbc()
                .sql("select count(*) from backfill_run where name = :run and purged is not null").param("run", run)
                .query(Integer.class).single()) > 0;
    }

    private VerificationFacts verification(Run run, List<Run> writers) {
        List<KindCount> kinds = facts.kinds(run.name());
        Integer sample = run.kind() instanceof RunKind.Verification(_, Integer documents) ? documents : null;
        return new VerificationFacts(run.name(), facts.state(run), sample, RunFacts.wrong(kinds), kinds,
                writers.stream().anyMatch(writer -> wroteAfter(writer, run.createdAt())), run.endedAt());
    }

    private static boolean wroteAfter(Run writer, Instant when) {
        Instant end = writer.endedAt();
        return writer.startedAt() != null && (end == null || end.isAfter(when));
    }

    private static Verdict verdict(Run run, @Nullable VerificationFacts last) {
        boolean canBeVerified = run.kind() instanceof RunKind.Backfill || run.kind() instanceof RunKind.Retry;
        if (!canBeVerified || run.write() instanceof Write.Call) {
            return Verdict.NOT_APPLICABLE;
        }
        if (last == null) {
            return Verdict.NOT_VERIFIED;
        }
        if (last.outdated()) {
            return Verdict.OUTDATED;
        }
        return last.wrong() > 0 ? Verdict.WRONG : last.sample() == null ? Verdict.CLEAN : Verdict.SAMPLED;
    }

    private List<Relative> relatives(List<Run> runs) {
        return runs.stream().map(run -> new Relative(run.name(), facts.state(run), RunFacts.documents(
                RunProgress.of(run, repository.stores().ranges().list(run.name()))), run.endedAt())).toList();
    }

    private List<Next> next(Run run, String root, Family family) {
        List<Next> next = new ArrayList<>();
        boolean isUndone = !family.rollbacks().isEmpty();
        boolean isRollback = run.kind() instanceof RunKind.Rollback;
        switch (facts.state(run)) {
            case RUNNING -> {
                next.add(new Next("look on", "./backfill status %s --watch".formatted(run.name())));
                next.add(new Next("stop it; it can go on later", "./backfill stop " + run.name()));
                return next;
            }
            case CREATED, STOPPED, FAILED, INTERRUPTED -> {
                if (!isUndone || isRollback) {
                    next.add(new Next("go on where it is", "./backfill resume " + run.name()));
                }
            }
            case COMPLETED -> {
                // it has nothing more to do
            }
        }
        switch (run.kind()) {
            case RunKind.Verification(String of, _) -> {
                next.add(new Next("see what it has found", "./backfill verify " + run.name()));
                next.add(new Next("the report of the run itself", "./backfill report " + of));
            }
            case RunKind.Rollback(String of, _, _) -> {
                if (family.inQuarantine() > 0) {
                    next.add(new Next("see what was left, and why", "./backfill quarantine " + run.name()));
                }
                next.add(new Next("the report of the run itself", "./backfill report " + of));
            }
            case RunKind.Backfill _,RunKind.Retry _ -> {
                quarantine(run, root, family, isUndone, next);
                verification(root, family, isUndone, next);
                if (!isUndone && !family.journalDropped() && !(run.write() instanceof Write.Call)) {
                    next.add(new Next("undo it", "./backfill rollback " + root));
                }
            }
        }
        return next;
    }

    private void quarantine(Run run, String root, Family family, boolean isUndone, List<Next> next) {
        if (family.inQuarantine() > 0) {
            next.add(new Next("see what is in quarantine, and why", "./backfill quarantine " + root));
            if (!isUndone && facts.state(run) == State.COMPLETED) {
                next.add(new Next("try that again", "./backfill quarantine %s --replay".formatted(root)));
            }
        }
    }

    private static void verification(String root, Family family, boolean isUndone, List<Next> next) {
        if (family.verdict() == Verdict.WRONG) {
            next.add(new Next("see what is wrong", "./backfill verify " + family.verdictOf()));
            if (!isUndone) {
                next.add(new Next("migrate what is not, and verify again",
                        "./backfill verify %s --repair".formatted(root)));
            }
        } else if (!isUndone && !family.journalDropped() && family.verdict() != Verdict.CLEAN
                && family.verdict() != Verdict.NOT_APPLICABLE) {
            next.add(new Next("look at every document once more", "./backfill verify " + root));
        }
    }
}
