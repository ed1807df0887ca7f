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

import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase.Kind;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stopping ends a run soon and cleanly, wherever it is, and it goes on where it was. */
class StoppedRunTest {

    private static final int DOCUMENTS = 10_000;
    /** So slow that the run can't be over before it is stopped, and then as fast as it goes. */
    private static final int SLOWLY = 200;
    private static final int FAST = 1_000_000;
    /** The program gives itself 5 s; what is above is for a slow machine. */
    private static final int SOON_SECONDS = 15;

    @TempDir
    private Path folder;

    enum Way implements BiConsumer<Campaign, JavaProcess> {

        SIGTERM {
            @Override
            public void accept(Campaign campaign, JavaProcess runner) {
                runner.signal("TERM");
            }
        },
        CTRL_C {
            @Override
            public void accept(Campaign campaign, JavaProcess runner) {
                runner.signal("INT");
            }
        },
        STOP_COMMAND {
            @Override
            public void accept(Campaign campaign, JavaProcess runner) {
                campaign.commandEnds(0, "stop", Campaign.RUN);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"SIGTERM, H2", "SIGTERM, POSTGRESQL", "CTRL_C, H2", "STOP_COMMAND, H2", "STOP_COMMAND, POSTGRESQL"})
    void isStoppedAndGoesOnWhereItWas(Way way, Kind kind) {
        try (Campaign campaign = new Campaign(folder, kind.create(folder), DOCUMENTS)) {
            campaign.startApp();
            JavaProcess runner = campaign.run(SLOWLY);
            campaign.awaitLedger(ledger -> ledger.read() > 0);

            way.accept(campaign, runner);

            assertThat(runner.awaitExit(SOON_SECONDS)).isEqualTo(4);
            assertThat(campaign.status().get("state").asString()).isEqualTo("STOPPED");
            assertThat(campaign.ledger().isDone()).isFalse();
            campaign.throttle(FAST);
            campaign.requireExit(campaign.resume(), 0);
            campaign.requireExactlyOnce();
        }
    }

    @ParameterizedTest
    @CsvSource({"60000, 0", "0, 1"})
    void endsSoonAlsoWhereTheDeploymentDoesNotAnswer(int latencyMillis, int rateLimited) {
        try (Campaign campaign = new Campaign(folder, Kind.H2.create(folder), DOCUMENTS)) {
            JavaProcess runner = campaign.run(SLOWLY);
            campaign.awaitLedger(ledger -> ledger.read() > 0);
            campaign.deployment().setFaults(
                    Map.of("latencyMillis", latencyMillis, "rateLimited", rateLimited, "functions", "backfill:"));

            runner.signal("TERM");

            assertThat(runner.awaitExit(SOON_SECONDS)).isEqualTo(4);
            campaign.deployment().setFaults(Map.of());
            campaign.throttle(FAST);
            campaign.requireExit(campaign.resume(), 0);
            campaign.requireExactlyOnce();
        }
    }
}
