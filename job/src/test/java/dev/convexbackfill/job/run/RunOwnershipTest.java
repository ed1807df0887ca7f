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

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.repository.RepositorySchema;
import dev.convexbackfill.partitioner.dispatch.DatabaseClock;
import dev.convexbackfill.partitioner.dispatch.Lease;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher.Verdict;
import dev.convexbackfill.partitioner.dispatch.TaskId;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.partitioner.dispatch.TaskScope;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a manager may still save when its process wakes up after it was replaced. */
class RunOwnershipTest {

    private final List<String> heard = new ArrayList<>();

    @TempDir
    private Path folder;

    /** Has a real dispatcher hand the run's task to {@code work}. */
    private void asManager(TestDatabase.Kind kind, BiConsumer<RunRepository, RunOwnership> work) {
        TestDatabase database = kind.create(folder);
        CompletableFuture<Verdict> result = new CompletableFuture<>();
        try (HikariDataSource dataSource = RepositoryDataSource
                .forRuns(new RepositoryLocation(database.url(), database.username(), database.password()), 4)) {
            RepositorySchema.migrate(dataSource);
            RunRepository repository = RunRepository.over(dataSource);
            try (TaskDispatcher runs = new TaskDispatcher(TaskQueue.RUNS, dataSource,
                    new DatabaseClock(repository.jdbc()), repository.tasks(), new TaskScope.AllRuns(),
                    Duration.ofMinutes(1), 1, lease -> manage(repository, lease, work, result))) {
                runs.start();
                runs.schedule(List.of(TaskId.ofRun("cities")));
                result.join();
            }
        }
    }

    private Verdict manage(RunRepository repository, Lease lease, BiConsumer<RunRepository, RunOwnership> work,
            CompletableFuture<Verdict> result) {
        result.completeAsync(() -> {
            work.accept(repository, new RunOwnership(lease, repository.tasks(), repository.transactions(),
                    () -> heard.add("lost")));
            return Verdict.DONE;
        }, Runnable::run);
        return Verdict.DONE;
    }

    @ParameterizedTest
    @EnumSource
    void anOwnerSaves(TestDatabase.Kind kind) {
        asManager(kind, (_, ownership) -> {
            ownership.require();
            ownership.save(() -> heard.add("saved"));
        });

        assertThat(heard).containsExactly("saved");
    }

    @ParameterizedTest
    @EnumSource
    void oneThatWasReplacedSavesNothingAndEnds(TestDatabase.Kind kind) {
        asManager(kind, (repository, ownership) -> {
            repository.jdbc().sql("update run_task set version = version + 1, picked_by = 'another'").update();

            assertThatThrownBy(() -> ownership.save(() -> heard.add("saved"))).hasMessageContaining("taken over");
            assertThatThrownBy(ownership::require).hasMessageContaining("'cities'");
        });

        assertThat(heard).containsExactly("lost", "lost");
    }

    @ParameterizedTest
    @EnumSource
    void oneWhoseRunWasEndedAndStartedAgainElsewhereDoesNotTakeTheNewTaskForItsOwn(TestDatabase.Kind kind) {
        asManager(kind, (repository, ownership) -> {
            repository.jdbc().sql("update run_task set picked_by = 'another'").update();

            assertThatThrownBy(() -> ownership.save(() -> heard.add("saved"))).hasMessageContaining("taken over");
        });

        assertThat(heard).containsExactly("lost");
    }
}
