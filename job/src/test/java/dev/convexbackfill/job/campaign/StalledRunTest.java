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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A runner that is silent for longer than its lease is replaced, and what it had on its way is refused when it arrives. */
class StalledRunTest {

    private static final int DOCUMENTS = 10_000;

    @TempDir
    private Path folder;

    @Test
    void itsLateWritesAreRefusedAndItEndsAsOneThatWasReplaced() throws InterruptedException {
        // only PostgreSQL: a stopped process keeps its H2 file to itself
        try (Campaign campaign = new Campaign(folder, Kind.POSTGRESQL.create(folder), DOCUMENTS);
                HoldingProxy network = new HoldingProxy(campaign.url().getPort())) {
            campaign.with("BACKFILL_LEASE", "4s").with("CONVEX_URL", network.url().toString());
            campaign.startApp();
            JavaProcess stalled = campaign.run(2000);
            campaign.awaitLedger(ledger -> ledger.read() > DOCUMENTS / 10);
            network.hold("backfill:apply");
            stalled.signal("STOP");
            network.letOthersPass();

            campaign.requireExit(campaign.resume(), 0);
            List<String> late = network.release();
            stalled.signal("CONT");

            assertThat(late).isNotEmpty().allSatisfy(answer -> assertThat(answer).contains("fenced"));
            campaign.requireExit(stalled, 4);
            campaign.requireExactlyOnce();
        }
    }
}
