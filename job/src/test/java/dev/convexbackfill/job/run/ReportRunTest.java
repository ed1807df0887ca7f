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
package dev.convexbackfill.job.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.report.HtmlReport;
import dev.convexbackfill.job.report.JsonReport;
import dev.convexbackfill.job.report.MarkdownReport;
import dev.convexbackfill.job.report.Point;
import dev.convexbackfill.job.report.Report;
import dev.convexbackfill.job.report.Report.Next;
import dev.convexbackfill.job.report.Report.State;
import dev.convexbackfill.job.report.Report.Verdict;
import dev.convexbackfill.job.report.ReportStore;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.journal.FieldChange;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the report says of real runs: the same as the run's ledger, and the same whenever it is asked. */
class ReportRunTest {

    private static final int DOCUMENTS = 100;
    private static final int UNABLE = 10;
    private static final int RANGES = 4;
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final String STEPS = """
            transform:
              - increment: { field: n }
              - default: { field: zero, value: 0 }
              - drop: name
            """;
    private static final Plan PLAN = VerifiedTable
            .plan("throttle: { documentsPerSecond: 90, concurrency: 2 }\n" + STEPS);
    private static final Plan CORRECTED = VerifiedTable.plan(STEPS.replace("transform:\n",
            "transform:\n  - set: { field: n, value: 0, when: \"doc.n == 'none'\" }\n"));

    @TempDir
    private Path folder;

    private static Report report(VerifiedTable table, String run) {
        return new ReportStore(table.repository, LEASE).of(table.repository.runs().find(run).orElseThrow());
    }

    /** In all forms. */
    private static List<String> texts(VerifiedTable table, String run) {
        Report report = report(table, run);
        return List.of(JsonReport.pretty(report), MarkdownReport.of(report), HtmlReport.of(report));
    }

    private static Counts counts(VerifiedTable table, String run) {
        return RunProgress.of(run(table, run), table.repository.stores().ranges().list(run)).counts();
    }

    private static Run run(VerifiedTable table, String run) {
        return table.repository.runs().find(run).orElseThrow();
    }

    /** The sums of samples and the numbers of documents are what the ledger says. */
    private static void requireExact(Report report, Counts ledger) {
        Report.Documents documents = report.documents();
        assertThat(new Counts(documents.read(), documents.changed(), documents.unchanged(), documents.gone(),
                documents.quarantined(), documents.conflicts())).isEqualTo(ledger);
        assertThat(report.samples().stream().map(point -> new Counts(point.read(), point.changed(),
                point.unchanged(), point.gone(), point.quarantined(), point.conflicts()))
                .reduce(Counts.NONE, Counts::plus)).isEqualTo(ledger);
    }

    /** Increments numbers while the run does, so that it conflicts. */
    private static Thread startApp(VerifiedTable table, List<String> ids, StopSignal done) {
        return Thread.ofPlatform().start(() -> {
            for (int i = 0; !done.await(Duration.ofMillis(1)); i++) {
                String id = ids.get(UNABLE + i % (DOCUMENTS - UNABLE));
                int number = 1000 + i;
                table.write(transaction -> transaction.patch(id, Map.of("n", ConvexValue.number(number))));
            }
        });
    }

    @Test
    void aRunWithConflictsAndQuarantineThatIsStoppedGoesOnIsVerifiedReplayedAndUndone() throws Exception {
        try (VerifiedTable table = new VerifiedTable(TestDatabase.Kind.POSTGRESQL, folder)) {
            table.load("users", DOCUMENTS);
            List<String> ids = table.ids("users");
            ids.stream().limit(UNABLE).forEach(id -> table.patch(id, "n", ConvexValue.of("none")));
            table.create(PLAN, RANGES);
            StopSignal done = StopSignal.never();
            Thread app = startApp(table, ids, done);
            table.execute(VerifiedTable.RUN, _ -> counts(table, VerifiedTable.RUN).read() > 30);
            done.give("there were conflicts");
            app.join();

            Report stopped = report(table, VerifiedTable.RUN);
            assertThat(stopped.run().state()).isEqualTo(State.STOPPED);
            assertThat(stopped.run().reason()).isEqualTo("the test has seen enough");
            requireExact(stopped, counts(table, VerifiedTable.RUN));
            assertThat(stopped.documents().conflicts()).isPositive();
            assertThat(stopped.family().next()).extracting(Next::command).contains("./backfill resume names");
            assertThat(MarkdownReport.of(stopped)).contains("It was stopped and can go on:", "Not verified.");

            table.repository.runs().prepareToResume(VerifiedTable.RUN, PLAN, null);
            table.execute(VerifiedTable.RUN, run -> run.state().isAtRest());
            Report report = report(table, VerifiedTable.RUN);
            completed(table, report);
            List<String> kept = texts(table, VerifiedTable.RUN);
            assertThat(texts(table, VerifiedTable.RUN)).isEqualTo(kept);

            later(table, report, ids.getLast());
        }
    }

    private static void completed(VerifiedTable table, Report report) {
        Counts ledger = counts(table, VerifiedTable.RUN);
        assertThat(ledger).isEqualTo(
                new Counts(DOCUMENTS, DOCUMENTS - UNABLE, 0, 0, UNABLE, ledger.conflicts()));
        assertThat(report.run().state()).isEqualTo(State.COMPLETED);
        requireExact(report, ledger);
        assertThat(report.executions()).extracting(Report.ExecutionFacts::state).containsExactly("STOPPED",
                "COMPLETED");
        assertThat(report.executions()).noneMatch(Report.ExecutionFacts::killed);
        assertThat(report.executions().getFirst().reason()).isEqualTo("the test has seen enough");
        long changed = DOCUMENTS - UNABLE;
        assertThat(report.fields().changes()).containsExactly(new FieldChange("n", 0, 0, changed, 0),
                new FieldChange("name", 0, changed, 0, 0), new FieldChange("zero", changed, 0, 0, 0));
        assertThat(report.quarantine().documents()).isEqualTo(UNABLE);
        assertThat(report.quarantine().groups()).singleElement().satisfies(group -> {
            assertThat(group.reason()).isEqualTo(Reason.TRANSFORM);
            assertThat(group.documents()).isEqualTo(UNABLE);
            assertThat(group.ids()).hasSize(5);
        });
        assertThat(report.samples()).extracting(Point::execution).contains(1, 2);
        assertThat(report.samples()).flatExtracting(Point::waits).extracting(Point.Waited::reason)
                .contains(WaitReason.PLAN_DOCUMENTS);
        assertThat(report.samples().stream().mapToLong(Point::calls).sum()).isGreaterThan(20);
        assertThat(report.speed().documentsPerSecondWorked()).isPositive();
        assertThat(report.family().verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.family().next()).extracting(Next::command).containsExactly(
                "./backfill quarantine names", "./backfill quarantine names --replay", "./backfill verify names",
                "./backfill rollback names");
        assertThat(HtmlReport.of(report)).doesNotContain("Ada");
    }

    private static void later(VerifiedTable table, Report before, String lastId) {
        table.patch(lastId, "zero", null);
        table.verify(PLAN, RANGES);
        assertThat(report(table, VerifiedTable.RUN).family().verdict()).isEqualTo(Verdict.CLEAN);
        Report verification = report(table, "verify-1");
        assertThat(verification.found()).isNotNull().satisfies(found -> {
            assertThat(found.wrong()).isZero();
            assertThat(found.first()).extracting(Report.Mismatched::field).contains("n");
        });
        requireExact(verification, counts(table, "verify-1"));

        table.replay(CORRECTED);
        Report replayed = report(table, VerifiedTable.RUN);
        assertThat(replayed.family().verdict()).isEqualTo(Verdict.OUTDATED);
        assertThat(replayed.family().inQuarantine()).isZero();
        assertThat(replayed.family().replays()).singleElement().satisfies(replay -> {
            assertThat(replay.name()).isEqualTo("again");
            assertThat(replay.documents().changed()).isEqualTo(UNABLE);
        });
        assertThat(replayed.quarantine()).describedAs("as it was when the run ended").isEqualTo(before.quarantine());
        assertThat(report(table, "again").fields().changes()).contains(new FieldChange("n", 0, 0, 0, UNABLE));

        table.repository.runs().createRollback("undo", new RunKind.Rollback(VerifiedTable.RUN, false, List.of()),
                UUID.randomUUID().toString(), run(table, VerifiedTable.RUN), "users", new Write.Patch(),
                Range.cut(table.tableNumber("users"), RANGES));
        table.execute("undo", run -> run.state().isAtRest());
        Report undone = report(table, VerifiedTable.RUN);
        assertThat(undone.family().rollbacks()).extracting(Report.Relative::name).containsExactly("undo");
        assertThat(undone.family().next()).extracting(Next::command)
                .doesNotContain("./backfill rollback names", "./backfill verify names");
        Report undo = report(table, "undo");
        requireExact(undo, counts(table, "undo"));
        assertThat(undo.fields().changes()).filteredOn(field -> field.field().equals("name")).singleElement()
                .satisfies(field -> assertThat(field.added()).isEqualTo(DOCUMENTS));
        assertThat(undo.family().next()).extracting(Next::command).contains("./backfill report names");

        List<String> beforeThePurge = texts(table, "undo");
        new RunPurge(table.repository).dropJournals(run(table, VerifiedTable.RUN));
        Report purged = report(table, VerifiedTable.RUN);
        assertThat(purged.family().journalDropped()).isTrue();
        assertThat(List.of(purged.documents(), purged.samples(), purged.fields(), purged.quarantine(),
                purged.executions()))
                .isEqualTo(List.of(before.documents(), before.samples(), before.fields(), before.quarantine(),
                        before.executions()));
        assertThat(beforeThePurge.getFirst()).contains("\"version\" : 1");
    }

    @Test
    void aRunThatRunsOrThatNoProcessExecutesSaysSo() {
        try (VerifiedTable table = new VerifiedTable(TestDatabase.Kind.H2, folder)) {
            table.deployment.load("users", IntStream.range(0, 40)
                    .mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n))));
            table.create(PLAN, 2);
            assertThat(report(table, VerifiedTable.RUN).run().state()).isEqualTo(State.CREATED);
            StringBuilder whileItRan = new StringBuilder();
            table.execute(VerifiedTable.RUN, run -> {
                if (run.state() == RunState.RUNNING && whileItRan.isEmpty()) {
                    whileItRan.append(MarkdownReport.of(report(table, VerifiedTable.RUN)));
                }
                return !whileItRan.isEmpty();
            });
            assertThat(whileItRan).contains("It is still running:", "What follows is not final.",
                    "`./backfill stop names`");

            // as a process leaves it that is killed
            table.sql("update backfill_run set state = 'RUNNING', ended_at = null where name = 'names'");
            table.sql("update backfill_execution set ended_at = null, state = null where run_name = 'names'");
            Report interrupted = report(table, VerifiedTable.RUN);
            assertThat(interrupted.run().state()).isEqualTo(State.INTERRUPTED);
            assertThat(interrupted.executions().getLast().killed()).isTrue();
            assertThat(MarkdownReport.of(interrupted)).contains("No process executes it any more");
        }
    }
}
