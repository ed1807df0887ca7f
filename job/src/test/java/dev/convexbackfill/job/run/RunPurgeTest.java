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

import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunPurgeTest {

    @TempDir
    private Path folder;

    private static long chunks(VerifiedTable table) {
        return table.repository.transactions()
                .execute(_ -> table.repository.stores().journal().size(VerifiedTable.RUN).chunks());
    }

    private static boolean isSomebodyWaiting(VerifiedTable table) {
        return table.repository.transactions().execute(_ -> table.repository.jdbc().sql("""
                select exists (select 1 from pg_stat_activity
                  where wait_event_type = 'Lock' and datname = current_database())""")
                .query(Boolean.class).single());
    }

    @Test
    void nothingGoesThatARunOfThisVeryMomentNeeds() {
        try (VerifiedTable table = new VerifiedTable(TestDatabase.Kind.POSTGRESQL, folder);
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Plan plan = VerifiedTable.plan("transform: [{ set: { field: seen, value: true } }]\n");
            table.load("users", 20);
            table.run(plan, 2);
            Run run = table.repository.runs().find(VerifiedTable.RUN).orElseThrow();

            Future<?> purge = table.repository.transactions().execute(_ -> {
                table.createVerification(null, plan, 2);
                Future<?> waiting = thread.submit(() -> new RunPurge(table.repository).dropJournals(run));
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> isSomebodyWaiting(table));
                return waiting;
            });

            assertThatThrownBy(purge::get).cause().isInstanceOf(RefusedException.class)
                    .hasMessage("Run 'verify-1' of 'names' was created just now, so nothing was deleted."
                            + " When it is at rest: ./backfill purge names --journal");
            assertThat(chunks(table)).isPositive();
            table.execute("verify-1", verification -> verification.state().isAtRest());
            new RunPurge(table.repository).dropJournals(run);
            assertThat(chunks(table)).isZero();
        }
    }
}
