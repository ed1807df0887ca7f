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
import dev.convexbackfill.testsupport.ConvexApp;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs against the TypeScript functions that users install, which the deployment runs as Convex would. */
class TypeScriptRunTest {

    private static final int DOCUMENTS = 3000;
    private static final int DOCUMENTS_PER_SECOND = 500;
    private static final int KILLS = 2;
    private static final int LONGEST_WORK_MILLIS = 1500;

    @TempDir
    private Path folder;

    @Test
    void everyDocumentIsChangedOnceThoughTheRunnerIsKilledAndTheAppWrites() {
        Path app = ConvexApp.in(folder.resolve("app"), "runs with the TypeScript functions")
                .withCopy("convex/backfill.ts")
                .folder();
        Random random = new Random();
        try (Campaign campaign = new Campaign(folder, TestDatabase.Kind.H2.create(folder), DOCUMENTS, app)) {
            campaign.startApp();
            JavaProcess runner = campaign.run(DOCUMENTS_PER_SECOND);
            for (int kill = 0; kill < KILLS; kill++) {
                long before = campaign.ledger().read();
                campaign.awaitLedger(ledger -> ledger.read() > before);
                StopSignal.never().await(Duration.ofMillis(random.nextInt(LONGEST_WORK_MILLIS)));
                assertThat(runner.isAlive()).describedAs("the run was over after %d kills", kill).isTrue();
                runner.kill();
                runner = campaign.resume();
            }
            campaign.requireExit(runner, 0);

            campaign.requireExactlyOnce();
        }
    }
}
