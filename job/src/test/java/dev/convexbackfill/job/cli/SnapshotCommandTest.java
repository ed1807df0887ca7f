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
package dev.convexbackfill.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.job.cli.CommandProcess.Ended;
import dev.convexbackfill.job.demo.Cities;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.NodeProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of the demo's table, as users take them. */
class SnapshotCommandTest {

    @TempDir
    private static Path folder;

    private static LocalDeployment deployment;
    private static long cities;

    @BeforeAll
    static void serve() {
        deployment = LocalDeployment.builder().start();
        try (Stream<ConvexObject> all = Cities.oldDocuments()) {
            cities = deployment.load(Cities.TABLE, all);
        }
    }

    @AfterAll
    static void close() {
        deployment.close();
    }

    private static CommandProcess command() {
        return new CommandProcess(folder, Map.of("CONVEX_URL", deployment.url().toString(), "CONVEX_DEPLOY_KEY",
                deployment.adminKey().value()));
    }

    private static List<ConvexObject> documents(LocalDeployment of) {
        List<ConvexObject> all = new ArrayList<>();
        of.forEach(Cities.TABLE, all::add);
        return all;
    }

    @Test
    void theDemosTableGoesThroughTheOfficialImportAndComparesEqual() throws Exception {
        assertThat(here(deployment, "snapshot", "cities", "--table", Cities.TABLE)).isZero();

        NodeProject project = NodeProject.in("convex", "the import of snapshots by Convex's own command line");
        Path app = Files.createDirectories(folder.resolve("app"));
        Files.writeString(app.resolve("package.json"), "{\"private\":true,\"dependencies\":{\"convex\":\"*\"}}");
        try (LocalDeployment copy = LocalDeployment.builder().start();
                JavaProcess convex = JavaProcess.start(
                        List.of(project.tool("convex").toString(), "import", "-y",
                                folder.resolve("here/cities/snapshot.zip").toString()),
                        Map.of("CONVEX_SELF_HOSTED_URL", copy.url().toString(), "CONVEX_SELF_HOSTED_ADMIN_KEY",
                                copy.adminKey().value(), "CONVEX_DEPLOYMENT", "", "CONVEX_DEPLOY_KEY", "", "CI", "1"),
                        app)) {
            assertThat(convex.awaitExit(120)).as(() -> String.join("\n", convex.output())).isZero();

            assertThat(documents(copy)).isEqualTo(documents(deployment)).hasSize((int) cities);
            assertThat(here(copy, "snapshot", "diff", "cities", "--now")).isZero();
        }
    }

    @Test
    void whatAKilledOneLeavesIsNoSnapshotAndIsCleanedUpByTheNext() {
        Path out = folder.resolve("killed");
        deployment.setFaults(Faults.fromJson(ConvexObject.of("latencyMillis", ConvexValue.number(20), "functions",
                ConvexValue.of("backfill:page"))));
        try (JavaProcess killed = command().start("snapshot", "half", "--table", Cities.TABLE, "--scan", "--out",
                out.toString())) {
            Path scratch = out.resolve(".half.unfinished").resolve("scratch").resolve("cities.1");
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> size(scratch) > 100_000);
            killed.kill();
        } finally {
            deployment.setFaults(Faults.NONE);
        }

        Ended listed = command().run("snapshot", "list", "--out", out.toString());
        assertThat(listed.output()).contains("There are no snapshots in " + out);
        Ended next = command().run("snapshot", "next", "--out", out.toString());

        assertThat(next.exitCode()).as(next.output()).isZero();
        assertThat(next.output())
                .contains("Deleted what a snapshot that did not end has left: " + out.resolve(".half.unfinished"),
                        "'cities': 135,233 documents")
                .doesNotContain(deployment.adminKey().value());
        assertThat(out.toFile().list()).containsExactly("next");
    }

    private static long size(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private static int here(LocalDeployment of, String... args) throws IOException {
        Path key = Files.writeString(folder.resolve("key"), of.adminKey().value());
        return BackfillCommand.execute(Stream.concat(Stream.of(args),
                Stream.of("--url", of.url().toString(), "--admin-key-file", key.toString(), "--out",
                        folder.resolve("here").toString()))
                .toArray(String[]::new));
    }

    @Test
    void exitCodesTellWhatWasFound() throws IOException {
        try (LocalDeployment small = LocalDeployment.builder().start()) {
            exitCodes(small);
        }
    }

    private static void exitCodes(LocalDeployment small) throws IOException {
        small.load("small", Stream.of(ConvexObject.EMPTY, ConvexObject.EMPTY));

        assertThat(here(small, "snapshot", "a", "--table", "small")).isZero();
        assertThat(here(small, "snapshot", "a", "--table", "small")).isEqualTo(ExitCode.REFUSED);
        assertThat(here(small, "snapshot", "b", "--table", "small")).isZero();
        assertThat(here(small, "snapshot", "diff", "a", "b")).isZero();
        assertThat(here(small, "snapshot", "diff", "a")).isEqualTo(ExitCode.REFUSED);
        assertThat(here(small, "snapshot", "diff", "a", "c")).isEqualTo(ExitCode.REFUSED);
        assertThat(here(small, "snapshot", "List")).isEqualTo(ExitCode.REFUSED);
        assertThat(here(small, "snapshot", "restore", "a", "--table", "small")).isZero();

        small.load("small", Stream.of(ConvexObject.EMPTY));

        assertThat(here(small, "snapshot", "diff", "a", "--now")).isEqualTo(ExitCode.COMPLETED_WITH_QUARANTINE);
        assertThat(here(small, "snapshot", "restore", "a", "--table", "small")).isEqualTo(ExitCode.REFUSED);
        assertThat(here(small, "snapshot", "restore", "a", "--table", "small", "--overwrite-newer"))
                .isEqualTo(ExitCode.REFUSED);
        assertThat(
                here(small, "snapshot", "restore", "a", "--table", "small", "--overwrite-newer", "--confirm", "small"))
                .isZero();
        assertThat(here(small, "snapshot", "diff", "a", "--now")).isZero();
    }
}
