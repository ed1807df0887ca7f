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
import dev.convexbackfill.job.campaign.UndoneCounters.Way;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import dev.convexbackfill.testsupport.TestDatabase.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run and its rollback, both killed at random moments, while an app goes on writing. */
class RollbackCampaignTest {

    private static final int KILLS = Integer.getInteger("campaign.kills", 1);
    private static final int DOCUMENTS = Integer.getInteger("campaign.documents", 12_000);
    private static final long SEED = Long.getLong("campaign.seed", System.nanoTime());
    private static final int LONGEST_WORK_MILLIS = 1500;
    private static final String ROLLBACK = Campaign.RUN + "-rollback-1";

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0} on {1}, undone when complete: {2}")
    @CsvSource({"PATCH, POSTGRESQL, true", "PATCH, H2, false", "COPY, H2, true", "DELETE, H2, false"})
    void whatIsLeftIsWhatTheAppWrote(Way way, TestDatabase.Kind kind, boolean isCompleted) {
        try (@Nullable
        RepositoryServer server = kind == Kind.POSTGRESQL ? new RepositoryServer(folder) : null;
                Campaign campaign = new Campaign(folder,
                        server == null ? kind.create(folder) : server.createDatabase("campaign"),
                        new UndoneCounters(DOCUMENTS, way)).with("BACKFILL_LEASE", "4s")) {
            undo(campaign, new Killer(campaign, server, new Random(SEED)), isCompleted);
        }
    }

    private static void undo(Campaign campaign, Killer killer, boolean isCompleted) {
        campaign.startApp();
        JavaProcess runner = killer.kill(Campaign.RUN,
                campaign.run(DOCUMENTS * 1000 / ((KILLS + 1) * LONGEST_WORK_MILLIS)),
                campaign::resume);
        if (isCompleted) {
            campaign.requireExit(runner, 0);
        } else {
            killer.live(Campaign.RUN, runner);
            runner.kill();
        }
        JavaProcess undoing = killer.kill(ROLLBACK, campaign.command("rollback", Campaign.RUN),
                () -> campaign.command("resume", ROLLBACK));

        // 3 where the app has written a field since that the run had written
        campaign.requireExit(undoing, 0, 3);
        campaign.requireRightDocuments();
        // only now: what a killed runner had sent may have been applied after its end
        long changed = campaign.ledger().changed();
        LedgerTotals undone = campaign.ledger(ROLLBACK);
        assertThat(undone.isDone()).isTrue();
        assertThat(changed).describedAs("documents that the run has changed").isPositive();
        assertThat(undone.read()).describedAs("documents that the rollback has looked at").isEqualTo(changed);
        campaign.commandEnds(0, "verify", ROLLBACK);
    }

    /**
     * Ends processes.
     *
     * @param server of the repository; null if that is a file
     */
    private record Killer(Campaign campaign, @Nullable RepositoryServer server, Random random) {

        /**
         * Kills a runner again and again, with what it talks to at random before that, and returns the last. The repository is
         * killed in long campaigns only.
         */
        JavaProcess kill(String run, JavaProcess first, Supplier<JavaProcess> resume) {
            JavaProcess runner = first;
            for (int kill = 0; kill < KILLS; kill++) {
                live(run, runner);
                if (random.nextBoolean()) {
                    campaign.killAndRestartServer();
                    System.out.println("killed the deployment");
                }
                if (server != null && KILLS > 1 && random.nextBoolean()) {
                    server.killAndRestart();
                    System.out.println("killed the repository");
                }
                live(run, runner);
                runner.kill();
                System.out.printf("killed %s at %s%n", run, campaign.ledger(run));
                runner = resume.get();
            }
            return runner;
        }

        void live(String run, JavaProcess runner) {
            long before = campaign.ledger(run).read();
            Campaign.patiently().until(() -> campaign.ledger(run).read() > before || !runner.isAlive());
            assertThat(runner.isAlive()).describedAs(() -> "it was over before it was killed: " + campaign.log())
                    .isTrue();
            StopSignal.never().await(Duration.ofMillis(random.nextInt(LONGEST_WORK_MILLIS / 4)));
        }
    }
}
