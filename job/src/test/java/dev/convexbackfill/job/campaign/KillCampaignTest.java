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
import dev.convexbackfill.job.campaign.Campaign.LedgerTotals;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kills the runner at random moments, again and again. How often, and over how many documents, can be set: see
 * {@code build/kill-campaign}.
 */
class KillCampaignTest {

    private static final int KILLS = Integer.getInteger("campaign.kills", 5);
    private static final int DOCUMENTS = Integer.getInteger("campaign.documents", 100_000);
    private static final long SEED = Long.getLong("campaign.seed", System.nanoTime());
    /** Of one life, while documents are being changed. */
    private static final int LONGEST_WORK_MILLIS = 3000;
    private static final int LONGEST_START_MILLIS = 5000;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(TestDatabase.Kind.class)
    void everyDocumentIsChangedOnceHoweverOftenTheRunnerIsKilled(TestDatabase.Kind kind) {
        Random random = new Random(SEED);
        // so that the run is not over before it was killed often enough
        int documentsPerSecond = DOCUMENTS * 1000 / (KILLS * LONGEST_WORK_MILLIS);
        try (Campaign campaign = new Campaign(folder, kind.create(folder), DOCUMENTS)) {
            campaign.startApp();
            JavaProcess runner = campaign.run(documentsPerSecond);
            int kills = 0;
            while (kills < KILLS) {
                live(random, campaign, runner);
                assertThat(runner.isAlive()).describedAs("the run was over after %d kills", kills).isTrue();
                runner.kill();
                kills++;
                System.out.printf("kill %d at %s%n", kills, campaign.ledger());
                runner = isLaunched(campaign) ? campaign.resume() : campaign.run(documentsPerSecond);
            }
            campaign.requireExit(runner, 0);

            LedgerTotals totals = campaign.requireExactlyOnce();
            assertThat(totals.conflicts()).describedAs("documents that the app wrote under the run's hands")
                    .isPositive();
            assertThat(campaign.requireReport(totals).get("executions").size()).describedAs("executions")
                    .isBetween(2, KILLS + 1);
        }
    }

    /** One life in four ends while it starts; the others while they work. */
    private static void live(Random random, Campaign campaign, JavaProcess runner) {
        if (random.nextInt(4) == 0) {
            StopSignal.never().await(Duration.ofMillis(random.nextInt(LONGEST_START_MILLIS)));
        } else {
            long before = campaign.ledger().read();
            campaign.awaitLedger(ledger -> ledger.read() > before || !runner.isAlive());
            StopSignal.never().await(Duration.ofMillis(random.nextInt(LONGEST_WORK_MILLIS)));
        }
    }

    /** The first kill may come before the repository has the run. */
    private static boolean isLaunched(Campaign campaign) {
        JavaProcess list = campaign.command("list");
        campaign.requireExit(list, 0);
        return list.output().stream().anyMatch(line -> line.startsWith(Campaign.RUN));
    }
}
