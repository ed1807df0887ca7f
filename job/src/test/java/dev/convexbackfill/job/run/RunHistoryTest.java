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

import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.job.history.Execution;
import dev.convexbackfill.job.history.HistoryStore;
import dev.convexbackfill.job.history.Sample;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.throttle.CallTimes.Calls;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import dev.convexbackfill.readerswriters.throttle.Waits.Wait;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What is written down of a run over simulated days: never much, and never less than what happened. */
class RunHistoryTest {

    private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");

    @TempDir
    private Path folder;

    private final SettableClock clock = new SettableClock();
    private @Nullable TestRepository repository;

    private static final class SettableClock extends Clock {

        private Instant now = BEGIN;

        void advance(Duration time) {
            now = now.plus(time);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    /** A run of two ranges that are worked on. */
    private final class World {

        final JdbcClient jdbc;
        final HistoryStore store;
        Counts counts = Counts.NONE;
        private Map<WaitReason, Wait> waits = Map.of();

        World(TestDatabase.Kind kind) {
            TestRepository created = TestRepository.create(kind, folder);
            repository = created;
            jdbc = JdbcClient.create(created.dataSource());
            store = new HistoryStore(jdbc);
            jdbc.sql("""
                    insert into backfill_run (name, token, deployment_url, table_name, plan_text, plan_digest, state,
                      created_at)
                    values ('r', 't', 'u', 'users', 'p', 'd', 'RUNNING', current_timestamp)""").update();
            for (int range = 0; range < 2; range++) {
                jdbc.sql("insert into backfill_range (run_name, range_number) values ('r', :range)")
                        .param("range", range).update();
            }
        }

        /** A process takes the run over. */
        RunHistory begin() {
            waits = Map.of();
            RunHistory history = new RunHistory("r", store, Runnable::run, clock);
            history.begin();
            return history;
        }

        void work(Duration time, long read, long conflicts) {
            clock.advance(time);
            counts = counts.plus(new Counts(read, read, 0, 0, 0, conflicts));
            jdbc.sql("""
                    update backfill_range set documents_read = documents_read + :read, changed = changed + :read,
                      conflicts = conflicts + :conflicts where run_name = 'r' and range_number = :range""")
                    .param("read", read).param("conflicts", conflicts).param("range", read % 2).update();
        }

        void sample(RunHistory history, long waitedMillis) {
            Map<WaitReason, Wait> all = new HashMap<>(waits);
            all.merge(WaitReason.RATE_LIMITED, new Wait(1, Duration.ofMillis(waitedMillis)), Wait::plus);
            waits = all;
            history.sample(all, new Calls(10, Duration.ofMillis(70), Duration.ofMillis(30)));
        }

        Sample all() {
            return store.samples("r").stream().reduce(Sample::plus).orElseThrow();
        }
    }

    @AfterEach
    void close() {
        if (repository != null) {
            repository.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void howeverLongARunTakesTheSamplesStayFewAndTheirSumsExact(TestDatabase.Kind kind) {
        World world = new World(kind);
        RunHistory history = world.begin();
        Random random = new Random(1);
        int samples = 800;
        long waited = 0;
        for (int i = 0; i < samples; i++) {
            world.work(Duration.ofSeconds(60), random.nextInt(1000), random.nextInt(3));
            int millis = random.nextInt(100) + 1;
            waited += millis;
            world.sample(history, millis);
        }

        List<Sample> kept = world.store.samples("r");
        assertThat(kept).hasSizeBetween(HistoryStore.MAX_SAMPLES / 4, HistoryStore.MAX_SAMPLES);
        Sample all = world.all();
        assertThat(all.counts()).isEqualTo(world.counts);
        assertThat(all.worked()).isEqualTo(Duration.ofSeconds(60).multipliedBy(samples));
        assertThat(all.calls()).isEqualTo(
                new Calls(10L * samples, Duration.ofMillis(70L * samples), Duration.ofMillis(30)));
        assertThat(all.waits()).containsExactly(
                Map.entry(WaitReason.RATE_LIMITED, new Wait(samples, Duration.ofMillis(waited))));
        for (int i = 1; i < kept.size(); i++) {
            assertThat(kept.get(i).beganAt()).isEqualTo(kept.get(i - 1).endedAt());
        }
        Duration longest = kept.stream().map(Sample::worked).max(Duration::compareTo).orElseThrow();
        assertThat(longest).describedAs("no part of the run is told less of than others")
                .isLessThan(Duration.ofSeconds(60).multipliedBy(samples * 8L / HistoryStore.MAX_SAMPLES));
    }

    @ParameterizedTest
    @EnumSource
    void whatAKilledProcessDidAfterItsLastSampleIsNotLostAndTheGapStays(TestDatabase.Kind kind) {
        World world = new World(kind);
        RunHistory first = world.begin();
        world.work(Duration.ofSeconds(3), 100, 0);
        world.sample(first, 5);
        world.work(Duration.ofSeconds(2), 40, 1);
        // it is killed, and found in the morning
        clock.advance(Duration.ofHours(10));

        RunHistory second = world.begin();
        world.work(Duration.ofSeconds(1), 7, 0);
        world.sample(second, 9);
        clock.advance(Duration.ofSeconds(1));
        second.end(RunState.STOPPED, "enough");

        List<Sample> samples = world.store.samples("r");
        assertThat(samples).extracting(sample -> sample.counts().read()).containsExactly(100L, 40L, 7L);
        assertThat(samples).extracting(Sample::execution).containsExactly(1, 1, 2);
        assertThat(samples.get(1).beganAt()).isEqualTo(samples.get(0).endedAt());
        assertThat(samples.get(1).worked()).isEqualTo(RunHistory.INTERVAL);
        assertThat(Duration.between(samples.get(1).endedAt(), samples.get(2).beganAt()))
                .isGreaterThan(Duration.ofHours(9));
        assertThat(samples.get(2).waits()).describedAs("a process counts from its own beginning")
                .containsExactly(Map.entry(WaitReason.RATE_LIMITED, new Wait(1, Duration.ofMillis(9))));
        assertThat(world.all().counts()).isEqualTo(world.counts);
        assertThat(world.all().worked()).isEqualTo(Duration.ofSeconds(3 + 5 + 1));
        List<Execution> executions = world.store.executions("r");
        assertThat(executions).extracting(Execution::state).containsExactly(null, "STOPPED");
        assertThat(executions.get(0).endedAt()).isNull();
        assertThat(executions.get(1).reason()).isEqualTo("enough");
    }

    @ParameterizedTest
    @EnumSource
    void aRunThatIsKilledMoreOftenThanSamplesAreKeptHasItsSums(TestDatabase.Kind kind) {
        World world = new World(kind);
        for (int kill = 0; kill < 520; kill++) {
            RunHistory history = world.begin();
            world.work(Duration.ofMillis(100), 3, 0);
            if (kill % 2 == 0) {
                world.sample(history, 1);
            }
            clock.advance(Duration.ofSeconds(20));
        }
        RunHistory last = world.begin();
        world.sample(last, 1);

        assertThat(world.store.samples("r")).hasSizeLessThanOrEqualTo(HistoryStore.MAX_SAMPLES);
        assertThat(world.all().counts()).isEqualTo(world.counts);
    }
}
