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
package dev.convexbackfill.job.cli;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.repository.RepositorySchema;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.partitioner.dispatch.TaskId;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import java.time.Duration;

/** A repository whose tables are those of an older version. */
final class OldRepository {

    private OldRepository() {}

    /**
     * Brings its tables up to date. Throws {@link RefusedException} while a process works with them as they are.
     *
     * @param lease how long a process may be silent before it counts as dead
     */
    static void bringUpToDate(RepositoryLocation location, Duration lease) {
        try (HikariDataSource dataSource = RepositoryDataSource.forRuns(location, 2)) {
            RunRepository stores = RunRepository.over(dataSource);
            // of the tables as any version has them
            for (String run : stores.jdbc().sql("select name from backfill_run")
                    .query((row, _) -> row.getString("name")).list()) {
                if (stores.tasks().find(TaskQueue.RUNS, TaskId.ofRun(run)).filter(task -> !task.isFree(lease))
                        .isPresent()) {
                    throw new RefusedException(
                            ("The tables of the repository %s are those of an older version of convex-backfill, which"
                                    + " executes the run '%s' there now. Ask with that version, or when the run is at rest.")
                                    .formatted(location.describe(), run));
                }
            }
            RepositorySchema.migrate(dataSource);
        }
    }
}
