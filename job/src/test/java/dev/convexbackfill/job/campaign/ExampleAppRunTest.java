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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run over a real app, whose own functions and those of {@code backfill.ts} are run as Convex would run them. */
class ExampleAppRunTest {

    private static final int KILLS = 5;
    /** So slow that the run can't be over before it was killed so often, and then as fast as it goes. */
    private static final int SLOWLY = 100;
    private static final int FAST = 1_000_000;
    private static final int LONGEST_WORK_MILLIS = 1000;

    @TempDir
    private Path folder;

    @Test
    void everyUserIsChangedOnceThoughTheRunnerIsKilledAndTheAppGoesOn() {
        Random random = new Random();
        ExampleUsers users = new ExampleUsers(folder.resolve("app"));
        try (Campaign campaign = new Campaign(folder, TestDatabase.Kind.POSTGRESQL.create(folder), users)) {
            campaign.startApp();
            JavaProcess runner = campaign.run(SLOWLY);
            for (int kill = 1; kill <= KILLS; kill++) {
                long before = campaign.ledger().read();
                campaign.awaitLedger(ledger -> ledger.read() > before);
                StopSignal.never().await(Duration.ofMillis(random.nextInt(LONGEST_WORK_MILLIS)));
                assertThat(runner.isAlive()).describedAs("the run was over before kill %d", kill).isTrue();
                runner.kill();
                System.out.printf("kill %d at %s%n", kill, campaign.ledger());
                campaign.throttle(kill < KILLS ? SLOWLY : FAST);
                runner = campaign.resume();
                // what the killed one had called has its answer by then, so that the next one is killed at its own work
                runner.awaitLine("Run '%s' goes on".formatted(Campaign.RUN)::equals);
            }
            campaign.requireExit(runner, 0);

            LedgerTotals totals = campaign.requireExactlyOnce();
            System.out.println("completed with " + totals);
            assertThat(totals.conflicts()).describedAs("users that the app wrote under the run's hands").isPositive();
        }
    }
}
