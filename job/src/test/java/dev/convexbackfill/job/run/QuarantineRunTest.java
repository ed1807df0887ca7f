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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.partitioner.dispatch.TaskScope;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How runs end that have documents which they can't change, and how these are tried again. */
class QuarantineRunTest {

    private static final int DOCUMENTS = 400;
    private static final long TABLE_NUMBER = 10001;
    private static final String INCREMENT = "- increment: { field: count }\n";
    private static final String CORRECTED = "- set: { field: count, value: 0, when: \"doc.count == 'none'\" }\n"
            + INCREMENT;

    private final LocalDeployment deployment = LocalDeployment.builder().start();

    @TempDir
    private Path folder;

    private @Nullable RunContext context;

    /** Every fourth count is a text. */
    QuarantineRunTest() {
        deployment.load("users", IntStream.range(0, DOCUMENTS).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n),
                "count", n % 4 == 0 ? ConvexValue.of("none") : ConvexValue.number(0))));
    }

    @AfterEach
    void close() {
        if (context != null) {
            context.close();
        }
        deployment.close();
    }

    private RunContext open(TestDatabase.Kind kind) {
        TestDatabase database = kind.create(folder);
        RunContext opened = RunContext.open(
                new RepositoryLocation(database.url(), database.username(), database.password()),
                BackfillSettings.DEFAULT);
        context = opened;
        return opened;
    }

    private static Plan plan(String steps, String settings) {
        return PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: counts
                table: users
                chunk: { documents: 10 }
                """ + settings + "transform:\n" + steps.indent(2));
    }

    private Run run(RunContext opened, Plan plan) {
        assertThat(
                opened.repository().runs().create("counts", UUID.randomUUID().toString(), deployment.url().toString(),
                        plan, null, Range.cut(TABLE_NUMBER, 4)))
                .isTrue();
        return execute(opened, "counts", run -> run.state().isAtRest());
    }

    private void createReplay(RunContext opened, String name, Plan plan) {
        opened.repository().runs().createReplay(new Replay("counts", name), UUID.randomUUID().toString(),
                deployment.url().toString(), plan, null, Range.cut(TABLE_NUMBER, 3));
    }

    /** Has the run executed until it is as it should be, and then hands it back. */
    private Run execute(RunContext opened, String name, Predicate<Run> until) {
        RunRepository repository = opened.repository();
        try (RunEngine engine = opened.engine(deployment.adminKey(), new TaskScope.OneRun(name), 4, () -> {})) {
            engine.start();
            engine.submit(name);
            Awaitility.await().pollInSameThread().pollInterval(Duration.ofMillis(20)).atMost(Duration.ofMinutes(2))
                    .until(() -> until.test(repository.runs().find(name).orElseThrow()));
            // closing alone would interrupt threads, and H2 takes that as the end of its file
            repository.runs().requestStop(name, "the test has seen enough");
            engine.stop(name, "the test has seen enough");
            Awaitility.await().pollInSameThread().atMost(Duration.ofMinutes(1)).until(
                    () -> repository.runs().find(name).orElseThrow().state().isAtRest() && !engine.isManaging(name));
        }
        return repository.runs().find(name).orElseThrow();
    }

    private List<ConvexValue> counts() {
        List<ConvexValue> counts = new ArrayList<>();
        deployment.forEach("users", user -> counts.add(user.get("count")));
        return counts;
    }

    private static RunProgress progress(RunContext opened, String name) {
        return RunProgress.of(opened.repository().runs().find(name).orElseThrow(), opened.repository().stores());
    }

    @ParameterizedTest
    @EnumSource
    void aReplayGoesOnAfterAStopAndChangesEachDocumentOnceThoughRepliesAreLost(TestDatabase.Kind kind) {
        RunContext opened = open(kind);
        Run run = run(opened, plan(INCREMENT, ""));
        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
        assertThat(progress(opened, "counts").inQuarantine()).isEqualTo(DOCUMENTS / 4);

        deployment.setFaults(Faults.fromJson(ConvexObject.of("replyLost", ConvexValue.number(3))));
        createReplay(opened, "again", plan(CORRECTED, "throttle: { documentsPerSecond: 40, concurrency: 2 }\n"));
        execute(opened, "again", _ -> progress(opened, "again").counts().changed() > 0);
        assertThat(opened.repository().runs().find("again").orElseThrow().state()).isNotEqualTo(RunState.COMPLETED);
        assertThatThrownBy(() -> createReplay(opened, "second", plan(CORRECTED, "")))
                .isInstanceOf(RefusedException.class)
                .hasMessage(
                        "The replay 'again' of run 'counts' is not completed. Go on with it: ./backfill resume again");
        opened.repository().runs().prepareToResume("again", plan(CORRECTED, ""), null);
        Run replay = execute(opened, "again", again -> again.state().isAtRest());

        assertThat(replay.state()).isEqualTo(RunState.COMPLETED);
        assertThat(counts()).hasSize(DOCUMENTS).containsOnly(ConvexValue.number(1));
        assertThat(progress(opened, "again").counts().changed()).isEqualTo(DOCUMENTS / 4);
        assertThat(progress(opened, "counts").inQuarantine()).isZero();
        assertThat(progress(opened, "counts").counts().quarantined()).isEqualTo(DOCUMENTS / 4);
    }

    @Test
    void aRunThatIsNotCompletedIsNotReplayed() {
        RunContext opened = open(TestDatabase.Kind.H2);
        Run run = run(opened, plan(INCREMENT, "quarantine: { stopAbove: 5% }\n"));

        assertThat(run.state()).isEqualTo(RunState.STOPPED);
        assertThat(run.reason())
                .matches("\\d+ documents are in quarantine, and the plan stops above 5% of the documents read,"
                        + " and 10\\. See why: \\./backfill quarantine counts\\. Then correct the plan, or raise its"
                        + " quarantine\\.stopAbove");
        assertThatThrownBy(() -> createReplay(opened, "again", plan(INCREMENT, "")))
                .isInstanceOf(RefusedException.class)
                .hasMessage(
                        "Run 'counts' is not completed: it may still come to documents that are in quarantine. Go on with"
                                + " it first: ./backfill resume counts");
    }

    @Test
    void aRunBelowItsThresholdIsCompleted() {
        RunContext opened = open(TestDatabase.Kind.H2);

        assertThat(run(opened, plan(INCREMENT, "quarantine: { stopAbove: 60% }\n")).state())
                .isEqualTo(RunState.COMPLETED);
    }

    @Test
    void aPlanThatSaysSoFailsTheRunAtADocumentThatItCantChangeAndWritesNothingOfThatChunk() {
        RunContext opened = open(TestDatabase.Kind.H2);
        Run run = run(opened, plan("- increment: { field: count, onError: fail }\n", "throttle: { concurrency: 1 }\n"));

        assertThat(run.state()).isEqualTo(RunState.FAILED);
        List<String> texts = new ArrayList<>();
        deployment.forEach("users", user -> {
            if (user.get("count") instanceof ConvexString) {
                texts.add(user.string("_id"));
            }
        });
        assertThat(texts).hasSize(DOCUMENTS / 4).anySatisfy(id -> assertThat(run.reason()).contains("'" + id + "'"));
        assertThat(run.reason()).contains("onError: fail", "increment: 'count' holds string and no number",
                "It was not written", "resume the run");
        RunProgress progress = progress(opened, "counts");
        assertThat(counts().stream().filter(ConvexValue.number(1)::equals).count())
                .isEqualTo(progress.counts().changed());
        assertThat(progress.counts().quarantined()).isZero();
        deployment.forEach("users", user -> assertThat(user.get("count")).isIn(ConvexValue.of("none"),
                ConvexValue.number(0), ConvexValue.number(1)));

        opened.repository().runs().prepareToResume("counts", plan(CORRECTED, ""), null);
        assertThat(execute(opened, "counts", again -> again.state().isAtRest()).state()).isEqualTo(RunState.COMPLETED);
        assertThat(counts()).containsOnly(ConvexValue.number(1));
    }
}
