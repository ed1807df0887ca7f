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
package dev.convexbackfill.job.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Kills runners whose runs do more than patch a whole table, while an app writes. */
class KilledRunsTest {

    private static final int KILLS = 3;
    private static final int KILLS_AFTER_THE_SEARCH = 2;
    private static final int DOCUMENTS = 4500;
    /** So slow that the run can't be over before it was killed so often, and then as fast as it goes. */
    private static final int SLOWLY = 400;
    private static final int FAST = 1_000_000;
    private static final int LONGEST_WORK_MILLIS = 700;

    private final Random random = new Random();

    @TempDir
    private Path folder;

    private TestDatabase database;
    private HikariDataSource dataSource;
    private JdbcClient repository;

    @BeforeEach
    void createRepository() {
        database = TestDatabase.Kind.POSTGRESQL.create(folder);
        dataSource = RepositoryDataSource.forOneQuestion(
                new RepositoryLocation(database.url(), database.username(), database.password()));
        repository = JdbcClient.create(dataSource);
    }

    @AfterEach
    void closeRepository() {
        dataSource.close();
    }

    /** Kills a runner at its work, and returns the next one. */
    private JavaProcess kill(Campaign campaign, JavaProcess runner, BooleanSupplier moment) {
        Campaign.patiently().until(() -> moment.getAsBoolean() || !runner.isAlive());
        assertThat(runner.isAlive()).describedAs(() -> String.join("\n", runner.output())).isTrue();
        runner.kill();
        System.out.printf("killed at %s%n", campaign.ledger());
        JavaProcess next = campaign.resume();
        // what the killed one had called has its answer by then, so that the next one is killed at its own work
        next.awaitLine("Run '%s' goes on".formatted(Campaign.RUN)::equals);
        return next;
    }

    /** Kills runners while they write, and has the last one complete the run. */
    private void killWhileItWrites(Campaign campaign, JavaProcess first, int kills) {
        JavaProcess runner = first;
        for (int kill = 1; kill <= kills; kill++) {
            long before = campaign.ledger().read();
            JavaProcess working = runner;
            campaign.awaitLedger(ledger -> ledger.read() > before || !working.isAlive());
            StopSignal.never().await(Duration.ofMillis(random.nextInt(LONGEST_WORK_MILLIS)));
            campaign.throttle(kill < kills ? SLOWLY : FAST);
            runner = kill(campaign, runner, () -> true);
        }
        campaign.requireExit(runner, 0);
        System.out.println("completed with " + campaign.requireExactlyOnce());
    }

    @Test
    void everyDocumentIsCopiedOnceAndTheRepositoryKnowsEachCopy() {
        try (Campaign campaign = new Campaign(folder, database, new Copies(new Counters(DOCUMENTS)))) {
            campaign.startApp();

            killWhileItWrites(campaign, campaign.run(SLOWLY), KILLS);

            Map<String, String> copies = new HashMap<>();
            Copies.forEach(campaign.deployment(), copy -> copies.put(copy.get("original").asString(),
                    copy.get("_id").asString()));
            Map<String, String> known = new HashMap<>();
            repository.sql("select source_id, target_id from backfill_id_mapping where run_name = :run")
                    .param("run", Campaign.RUN)
                    .query(row -> {
                        known.put(row.getString("source_id"), row.getString("target_id"));
                    });
            assertThat(copies).hasSize(DOCUMENTS);
            assertThat(known).isEqualTo(copies);
        }
    }

    /** How far the search is. */
    private record Search(int pass, long found, boolean isComplete) {}

    private Search search() {
        return repository.sql("select passes, found, is_complete from backfill_selection where run_name = :run")
                .param("run", Campaign.RUN)
                .query((row, _) -> new Search(row.getInt("passes"), row.getLong("found"),
                        row.getBoolean("is_complete")))
                .optional().orElse(new Search(0, 0, false));
    }

    private boolean isLaunched() {
        return repository.sql("select count(*) from information_schema.tables where table_name = 'backfill_selection'")
                .query(Long.class).single() > 0;
    }

    @Test
    void everyDocumentThatAnIndexFindsIsChangedOnceAlsoWhereTheSearchIsKilled() {
        Counters counters = Counters.ofOneGroup(3 * DOCUMENTS);
        try (Campaign campaign = new Campaign(folder, database, counters)) {
            campaign.startApp();
            campaign.deployment().setFaults(Map.of("latencyMillis", 400, "functions", "backfill:find"));
            JavaProcess runner = campaign.run(SLOWLY);
            Campaign.patiently().until(this::isLaunched);

            runner = kill(campaign, runner, () -> search().found() > 0);
            assertThat(search().found()).isLessThan(counters.selected());
            runner = kill(campaign, runner, () -> search().pass() > 0);
            assertThat(search()).isEqualTo(new Search(1, counters.selected(), false));
            assertThat(campaign.ledger().read()).isZero();
            campaign.deployment().setFaults(Map.of());

            killWhileItWrites(campaign, runner, KILLS_AFTER_THE_SEARCH);

            assertThat(search()).isEqualTo(new Search(1, counters.selected(), true));
        }
    }

    @Test
    void everyDocumentIsChangedOnceByAFunctionInJavaScript() {
        try (Campaign campaign = new Campaign(folder, database, Counters.byFunction(DOCUMENTS))) {
            campaign.startApp();

            killWhileItWrites(campaign, campaign.run(SLOWLY), KILLS);
        }
    }
}
