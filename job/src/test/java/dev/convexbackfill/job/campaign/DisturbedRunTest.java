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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import dev.convexbackfill.testsupport.TestDatabase.Kind;
import dev.convexbackfill.testsupport.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happens around a run, each document is changed once and no write of the app is lost. */
class DisturbedRunTest {

    private static final int DOCUMENTS = 20_000;
    private static final int DOCUMENTS_PER_SECOND = 4000;
    private static final Duration OUTAGE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    @Test
    void whereEveryTenthMutationIsCommittedAndItsReplyLost() {
        try (Campaign campaign = new Campaign(folder, Kind.H2.create(folder), DOCUMENTS)) {
            campaign.deployment().setFaults(Map.of("replyLost", 10));
            campaign.startApp();

            campaign.requireExit(campaign.run(DOCUMENTS_PER_SECOND), 0);

            campaign.requireExactlyOnce();
        }
    }

    @Test
    void whereTheDeploymentIsKilledAndRestartedAgainAndAgain() {
        try (Campaign campaign = new Campaign(folder, Kind.H2.create(folder), DOCUMENTS)) {
            campaign.startApp();
            JavaProcess runner = campaign.run(DOCUMENTS_PER_SECOND);

            for (int restart = 1; restart <= 3; restart++) {
                int enough = restart * (DOCUMENTS / 5);
                campaign.awaitLedger(ledger -> ledger.read() > enough);
                assertThat(runner.isAlive()).isTrue();
                campaign.killAndRestartServer();
            }
            campaign.requireExit(runner, 0);

            campaign.requireExactlyOnce();
        }
    }

    @Test
    void whereTheDeploymentIsOverItsRateAndTooBusyInStorms() {
        try (Campaign campaign = new Campaign(folder, Kind.H2.create(folder), DOCUMENTS)) {
            campaign.startApp();
            JavaProcess runner = campaign.run(DOCUMENTS_PER_SECOND);

            for (int storm = 1; storm <= 3; storm++) {
                int enough = storm * (DOCUMENTS / 5);
                campaign.awaitLedger(ledger -> ledger.read() > enough);
                // nothing gets through, then a third of it
                campaign.deployment().setFaults(Map.of("rateLimited", 1, "functions", "backfill:"));
                StopSignal.never().await(Duration.ofSeconds(2));
                campaign.deployment().setFaults(Map.of("rateLimited", 3, "overloaded", 3, "functions", "backfill:"));
            }
            campaign.awaitLedger(ledger -> ledger.read() > DOCUMENTS / 5 * 4);
            campaign.deployment().setFaults(Map.of());
            campaign.requireExit(runner, 0);

            campaign.requireExactlyOnce();
        }
    }

    @Test
    void whereTheRepositoryIsAwayForTwentySeconds() {
        Path data = folder.resolve("postgres");
        TestPostgres postgres = TestPostgres.embedded(data, 0);
        int port = postgres.port();
        TestDatabase database = postgres.createDatabase("outage");
        try (Campaign campaign = new Campaign(folder, database, DOCUMENTS)) {
            campaign.startApp();
            JavaProcess runner = campaign.run(DOCUMENTS_PER_SECOND / 2);
            campaign.awaitLedger(ledger -> ledger.read() > DOCUMENTS / 4);

            postgres.close();
            StopSignal.never().await(OUTAGE);
            assertThat(runner.isAlive()).isTrue();
            postgres = TestPostgres.embedded(data, port);
            campaign.requireExit(runner, 0);

            campaign.requireExactlyOnce();
        } finally {
            postgres.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whereASecondRunnerIsStartedOnARunThatIsExecuted(Kind kind) {
        try (Campaign campaign = new Campaign(folder, kind.create(folder), DOCUMENTS)) {
            campaign.startApp();
            // so slow that it goes on until the second is refused, however long that takes
            JavaProcess runner = campaign.run(DOCUMENTS_PER_SECOND / 40);
            campaign.awaitLedger(ledger -> ledger.read() > DOCUMENTS / 100);

            List<String> refused = campaign.commandEnds(2, "resume", Campaign.RUN);
            campaign.commandEnds(0, "stop", Campaign.RUN);
            campaign.requireExit(runner, 4);
            campaign.throttle(DOCUMENTS_PER_SECOND);
            campaign.requireExit(campaign.resume(), 0);

            assertThat(refused).anyMatch(line -> line.startsWith("Run 'campaign' is being executed by "));
            campaign.requireExactlyOnce();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whereTwoRunnersTakeItUpAtOnceAfterAKill(Kind kind) {
        try (Campaign campaign = new Campaign(folder, kind.create(folder), DOCUMENTS)) {
            campaign.startApp();
            JavaProcess killed = campaign.run(DOCUMENTS_PER_SECOND);
            campaign.awaitLedger(ledger -> ledger.read() > DOCUMENTS / 10);
            killed.kill();

            JavaProcess one = campaign.resume();
            JavaProcess other = campaign.resume();

            // the other is refused, or follows what the first does
            assertThat(List.of(one.awaitExit(120), other.awaitExit(120)))
                    .describedAs(() -> String.join("\n", one.output()) + "\n" + String.join("\n", other.output())
                            + campaign.log())
                    .contains(0).isSubsetOf(0, 2);
            campaign.requireExactlyOnce();
        }
    }
}
