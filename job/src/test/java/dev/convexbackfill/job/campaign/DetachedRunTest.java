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
import dev.convexbackfill.testsupport.LeftOut;
import dev.convexbackfill.testsupport.TestDatabase.Kind;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run in the background is none of its launcher's business any more: others look on at it, stop it and go on with it. */
class DetachedRunTest {

    private static final int DOCUMENTS = 2000;
    private static final int FAST = 500;
    /** So slow that the run is not over before it is disturbed. */
    private static final int SLOW = 20;

    @TempDir
    private Path folder;

    @BeforeEach
    void needsProcessGroups() {
        LeftOut.unless(find("setsid").isPresent(), "runs in the background", "there is no setsid");
    }

    private static Optional<Path> find(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, program)).filter(Files::isExecutable).findFirst();
    }

    @ParameterizedTest
    @CsvSource({"H2, setsid, INT HUP", "POSTGRESQL, nohup, HUP"})
    void completesWhenItsLauncherAndTheTerminalAreGone(Kind kind, String program, String signals) throws IOException {
        Path programs = Files.createDirectory(folder.resolve("programs"));
        Files.createSymbolicLink(programs.resolve(program), find(program).orElseThrow());
        try (Campaign campaign = new Campaign(folder, kind.create(folder), DOCUMENTS)) {
            campaign.with("PATH", programs.toString());

            long runner = campaign.runDetached(FAST, signals.split(" ", -1));
            JavaProcess watch = campaign.command("status", Campaign.RUN, "--watch");

            campaign.requireExit(watch, 0);
            assertThat(watch.output()).anyMatch(line -> line.contains("Run 'campaign' completed"));
            campaign.requireExactlyOnce();
            Campaign.patiently().until(() -> !Campaign.isAlive(runner));
            assertThat(campaign.printedInBackground()).contains("Run 'campaign' begins", "Run 'campaign' completed")
                    .doesNotContain("goes on", "0123456789abcdef");
        }
    }

    @Test
    void isSaidToHaveNoProcessWhenItWasKilledAndGoesOn() {
        try (Campaign campaign = new Campaign(folder, Kind.H2.create(folder), DOCUMENTS)) {
            long runner = campaign.runDetached(SLOW);
            JavaProcess watch = campaign.command("status", Campaign.RUN, "--watch");
            watch.awaitLine(line -> line.contains(" read, "));
            campaign.awaitLedger(ledger -> ledger.read() > 0);

            ProcessHandle.of(runner).orElseThrow().destroyForcibly();

            campaign.requireExit(watch, 4);
            assertThat(watch.output()).anyMatch(
                    line -> line.contains("No process executes run 'campaign' any more")
                            && line.contains("./backfill resume campaign"));

            campaign.throttle(FAST);
            campaign.resumeDetached();
            campaign.commandEnds(0, "status", Campaign.RUN, "--watch");
            assertThat(campaign.printedInBackground()).contains("Run 'campaign' goes on");
            campaign.requireExactlyOnce();
        }
    }

    @Test
    void isLookedOnAtAndStoppedByOthers() {
        try (Campaign campaign = new Campaign(folder, Kind.POSTGRESQL.create(folder), DOCUMENTS)) {
            long runner = campaign.runDetached(SLOW);
            JavaProcess first = campaign.command("status", Campaign.RUN, "--watch");
            first.awaitLine(line -> line.contains(" read, "));
            first.signal("INT");
            campaign.requireExit(first, 0);
            assertThat(Campaign.isAlive(runner)).isTrue();
            JavaProcess second = campaign.command("status", Campaign.RUN, "--watch", "--json");
            second.awaitLine(line -> line.contains(" read, "));

            campaign.commandEnds(0, "stop", Campaign.RUN);

            campaign.requireExit(second, 4);
            assertThat(Campaign.json(second.output()).get("state").asString()).isEqualTo("STOPPED");
            Campaign.patiently().until(() -> !Campaign.isAlive(runner));
        }
    }
}
