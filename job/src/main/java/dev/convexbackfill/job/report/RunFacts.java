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
import dev.convexbackfill.job.history.Execution;
import dev.convexbackfill.job.history.HistoryStore;
import dev.convexbackfill.job.history.Sample;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.rehearsal.MessageShape;
import dev.convexbackfill.job.rehearsal.ReasonTally;
import dev.convexbackfill.job.report.Report.Documents;
import dev.convexbackfill.job.report.Report.ExecutionFacts;
import dev.convexbackfill.job.report.Report.Family;
import dev.convexbackfill.job.report.Report.FieldFacts;
import dev.convexbackfill.job.report.Report.Found;
import dev.convexbackfill.job.report.Report.Kind;
import dev.convexbackfill.job.report.Report.KindCount;
import dev.convexbackfill.job.report.Report.Mismatched;
import dev.convexbackfill.job.report.Report.PlanFacts;
import dev.convexbackfill.job.report.Report.QuarantineFacts;
import dev.convexbackfill.job.report.Report.QuarantineGroup;
import dev.convexbackfill.job.report.Report.Speed;
import dev.convexbackfill.job.report.Report.State;
import dev.convexbackfill.job.report.Report.Subject;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.partitioner.dispatch.TaskId;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.readerswriters.journal.FieldChange;
import dev.convexbackfill.readerswriters.journal.FieldChangeStore;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore.Row;
import dev.convexbackfill.readerswriters.verification.VerificationStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts together what the repository knows of a run itself, whatever is made of it later. */
final class RunFacts {

    private static final int MAX_EXECUTIONS = 50;
    private static final int FIRST_EXECUTIONS = 5;
    private static final int MISMATCHES = 20;
    private static final int PAGE = 1000;

    private final RunRepository repository;
    private final Duration lease;
    private final HistoryStore history;

    /** {@code lease} tells whether a process still executes a run. */
    RunFacts(RunRepository repository, Duration lease) {
        this.repository = repository;
        this.lease = lease;
        this.history = new HistoryStore(repository.jdbc());
    }

    Report of(Run run) {
        RunProgress progress = RunProgress.of(run, repository.stores().ranges().list(run.name()));
        State state = state(run);
        List<Sample> samples = ask(() -> history.samples(run.name()));
        List<ExecutionFacts> executions = executions(run.name(), samples, state);
        return new Report(Report.VERSION, subject(run, progress, state), plan(run), documents(progress),
                speed(run, progress, samples), shown(executions), executions.size() - shown(executions).size(),
                samples.stream().map(Point::of).toList(), fields(run), quarantine(run), found(run), Family.NONE);
    }

    private <T> T ask(Supplier<T> question) {
        return repository.transactions().execute(_ -> question.get());
    }

    State state(Run run) {
        if (run.state().isAtRest()) {
            return State.valueOf(run.state().name());
        }
        boolean isExecuted = repository.tasks().find(TaskQueue.RUNS, TaskId.ofRun(run.name()))
                .filter(task -> !task.isFree(lease)).isPresent();
        return isExecuted ? State.RUNNING : run.startedAt() == null ? State.CREATED : State.INTERRUPTED;
    }

    private static Subject subject(Run run, RunProgress progress, State state) {
        return new Subject(run.name(), kind(run), of(run.kind()), state, run.reason(), run.deploymentUrl(),
                run.table(), run.write().text(), run.participle(), progress.fraction(), progress.ranges(),
                progress.rangesDone(), run.createdAt(), run.startedAt(), run.endedAt());
    }

    private static Kind kind(Run run) {
        return switch (run.kind()) {
            case RunKind.Backfill _ -> Kind.BACKFILL;
            case RunKind.Retry _ -> Kind.REPLAY;
            case RunKind.Rollback _ -> Kind.ROLLBACK;
            case RunKind.Verification _ -> Kind.VERIFICATION;
        };
    }

    private static @Nullable String of(RunKind kind) {
        return switch (kind) {
            case RunKind.Backfill _ -> null;
            case RunKind.Retry(var replay) -> replay.of();
            case RunKind.Rollback(String of, _, _) -> of;
            case RunKind.Verification(String of, _) -> of;
        };
    }

    private PlanFacts plan(Run run) {
        boolean doesWhatItSays = run.kind() instanceof RunKind.Backfill || run.kind() instanceof RunKind.Retry;
        return new PlanFacts(run.plan().name(), run.planDigest(), run.planPath(),
                repository.runs().hasChangedPlan(run.name()), doesWhatItSays ? run.plan().caveats() : List.of(),
                run.planText());
    }

    static Documents documents(RunProgress progress) {
        var counts = progress.counts();
        return new Documents(counts.read(), counts.changed(), counts.unchanged(), counts.deleted(),
                counts.quarantined(), counts.conflicts(), progress.unsettled());
    }

    private static Speed speed(Run run, RunProgress progress, List<Sample> samples) {
        Instant begin = run.startedAt();
        Instant end = run.endedAt() != null ? run.endedAt() : samples.isEmpty() ? begin : samples.getLast().endedAt();
        long elapsed = begin == null || end == null ? 0 : Math.max(0, Duration.between(begin, end).toMillis());
        Long worked = samples.isEmpty() ? null : samples.stream().mapToLong(one -> one.worked().toMillis()).sum();
        long read = progress.counts().read();
        return new Speed(elapsed, worked, perSecond(read, elapsed), perSecond(read, worked));
    }

    private static @Nullable Double perSecond(long read, @Nullable Long millis) {
        return millis == null || millis == 0 ? null : Math.round(read * 10_000.0 / millis) / 10.0;
    }

    private List<ExecutionFacts> executions(String run, List<Sample> samples, State state) {
        List<Execution> all = ask(() -> history.executions(run));
        List<ExecutionFacts> facts = new ArrayList<>();
        for (Execution one : all) {
            Instant lastSeen = samples.stream().filter(sample -> sample.execution() == one.number())
                    .map(Sample::endedAt).reduce(one.beganAt(), (left, right) -> right);
            boolean goesOn = one.number() == all.size() && state == State.RUNNING;
            facts.add(new ExecutionFacts(one.number(), one.process(), one.program(), one.beganAt(), one.endedAt(),
                    one.endedAt() == null ? lastSeen : one.endedAt(), one.endedAt() == null && !goesOn, one.state(),
                    one.reason()));
        }
        return facts;
    }

    /** The first few and the last. */
    private static List<ExecutionFacts> shown(List<ExecutionFacts> all) {
        if (all.size() <= MAX_EXECUTIONS) {
            return all;
        }
        List<ExecutionFacts> shown = new ArrayList<>(all.subList(0, FIRST_EXECUTIONS));
        shown.addAll(all.subList(all.size() - (MAX_EXECUTIONS - FIRST_EXECUTIONS), all.size()));
        return shown;
    }

    private FieldFacts fields(Run run) {
        boolean isKnown = !(run.kind() instanceof RunKind.Verification) && !(run.write() instanceof Write.Call);
        List<FieldChange> all = ask(() -> new FieldChangeStore(repository.jdbc()).list(run.name()));
        List<FieldChange> told = all.stream().filter(change -> !change.field().equals(FieldChange.OTHERS)).toList();
        // ranges may have told others apart
        List<FieldChange> kept = told.subList(0, Math.min(told.size(), FieldChangeStore.MAX_FIELDS));
        long leftOut = all.stream().mapToLong(FieldChange::documents).sum()
                - kept.stream().mapToLong(FieldChange::documents).sum();
        return new FieldFacts(isKnown, kept, leftOut);
    }

    private QuarantineFacts quarantine(Run run) {
        if (run.kind() instanceof RunKind.Verification) {
            return new QuarantineFacts(0, List.of());
        }
        QuarantineStore store = repository.stores().quarantine();
        ReasonTally tally = new ReasonTally(new MessageShape(run.planText()));
        long documents = 0;
        List<Row> page = ask(() -> store.page(run.name(), null, PAGE));
        while (!page.isEmpty()) {
            page.forEach(row -> tally.add(row.document().id(), row.document().reason(), row.document().message()));
            documents += page.size();
            String last = page.getLast().document().id();
            page = page.size() < PAGE ? List.of() : ask(() -> store.page(run.name(), last, PAGE));
        }
        return new QuarantineFacts(documents, tally.report().stream().map(group -> new QuarantineGroup(group.reason(),
                group.shape(), group.documents(), group.example(), group.ids())).toList());
    }

    private @Nullable Found found(Run run) {
        if (!(run.kind() instanceof RunKind.Verification(_, Integer sample))) {
            return null;
        }
        VerificationStore store = new VerificationStore(repository.jdbc());
        List<KindCount> kinds = kinds(run.name());
        List<Mismatched> first = new ArrayList<>();
        for (boolean isWrong : new boolean[]{true, false}) {
            ask(() -> store.page(run.name(), isWrong, Integer.MIN_VALUE, 0, MISMATCHES - first.size())).stream()
                    .map(VerificationStore.Row::mismatch)
                    .forEach(one -> first.add(new Mismatched(one.document(), one.kind(), one.field())));
        }
        return new Found(sample, wrong(kinds), kinds, first);
    }

    List<KindCount> kinds(String verification) {
        return ask(() -> new VerificationStore(repository.jdbc()).counts(verification)).entrySet().stream()
                .map(count -> new KindCount(count.getKey(), count.getKey().meaning(), count.getKey().isWrong(),
                        count.getValue()))
                .toList();
    }

    static long wrong(List<KindCount> kinds) {
        return kinds.stream().filter(KindCount::wrong).mapToLong(KindCount::number).sum();
    }
}
