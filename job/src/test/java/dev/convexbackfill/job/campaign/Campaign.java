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

import dev.convexbackfill.job.cli.Backfill;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run that changes every document while an app goes on writing, with all that it takes in processes of their own. At the end
 * {@link #requireExactlyOnce} looks at every document.
 */
final class Campaign implements AutoCloseable {

    static final String RUN = "campaign";
    private static final long LONG_SECONDS = 240;
    private static final Duration SETTLED = Duration.ofSeconds(20);
    private static final int LOG_LINES = 200;

    private final Place place;
    private final Scenario scenario;
    private final Map<String, String> environment = new HashMap<>();
    private final List<JavaProcess> processes = new ArrayList<>();
    private final List<ProcessHandle> inBackground = new ArrayList<>();
    private JavaProcess server;
    private @Nullable JavaProcess app;

    /** Serves {@code documents} counters. */
    Campaign(Path folder, TestDatabase database, int documents) {
        this(folder, database, new Counters(documents));
    }

    /** Serves what {@code scenario} is about. */
    Campaign(Path folder, TestDatabase database, Scenario scenario) {
        this.place = Place.in(folder);
        this.scenario = scenario;
        environment.put("CONVEX_URL", url().toString());
        environment.put("CONVEX_DEPLOY_KEY", Place.KEY);
        environment.put("BACKFILL_REPOSITORY_URL", database.url());
        environment.put("BACKFILL_REPOSITORY_USERNAME", database.username());
        environment.put("BACKFILL_REPOSITORY_PASSWORD", database.password());
        this.server = startServer();
    }

    /** The deployment's. */
    URI url() {
        return place.url();
    }

    /** For every command that is started from now on. */
    Campaign with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    private JavaProcess startServer() {
        JavaProcess process = scenario.serve(place);
        processes.add(process);
        return process;
    }

    void startApp() {
        app = scenario.startApp(place);
        processes.add(app);
    }

    /** {@code kill -9} of the deployment, which then serves what it had committed. */
    void killAndRestartServer() {
        server.kill();
        server = startServer();
    }

    DeploymentReader deployment() {
        return place.deployment();
    }

    /** Starts the run, so throttled that there is time to disturb it. */
    JavaProcess run(int documentsPerSecond) {
        throttle(documentsPerSecond);
        return command("run", plan().toString());
    }

    private Path plan() {
        return place.folder().resolve("plan.yaml");
    }

    /** How fast the run goes from its next start on. */
    void throttle(int documentsPerSecond) {
        try {
            Files.writeString(plan(), """
                    apiVersion: backfill/v1
                    name: %s
                    table: %s
                    throttle: { documentsPerSecond: %d, concurrency: 8 }
                    """.formatted(RUN, scenario.table(), documentsPerSecond) + scenario.plan());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    JavaProcess resume() {
        return command("resume", RUN);
    }

    /**
     * Has the run executed in the background, and returns the id of the process that does when the launcher is gone, and with it
     * all that a terminal could end.
     *
     * @param signals what a terminal sends to the launcher's process group on Ctrl-C or when it ends
     */
    long runDetached(int documentsPerSecond, String... signals) {
        throttle(documentsPerSecond);
        return detached(List.of(signals), "run", plan().toString());
    }

    long resumeDetached() {
        return detached(List.of(), "resume", RUN);
    }

    private long detached(List<String> signals, String... args) {
        JavaProcess launcher = JavaProcess.startGroup(Backfill.class, options(), environment,
                Stream.concat(Stream.of(args), Stream.of("--detach", "--json")).toArray(String[]::new));
        processes.add(launcher);
        requireExit(launcher, 0);
        signals.forEach(launcher::signalGroup);
        long pid = json(launcher.output()).get("pid").asLong();
        // it may have done its work already
        ProcessHandle.of(pid).ifPresent(inBackground::add);
        return pid;
    }

    static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    /** What processes in the background printed. */
    String printedInBackground() {
        try {
            return Files.readString(place.folder().resolve(RUN + ".out"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Starts any command. */
    JavaProcess command(String... args) {
        JavaProcess process = JavaProcess.start(Backfill.class, options(), environment, args);
        processes.add(process);
        return process;
    }

    private List<String> options() {
        return List.of("-Xmx512m", "-Dbackfill.log.file=" + logFile());
    }

    /** Runs any command to its end and returns what it printed; fails unless it exits with {@code exitCode}. */
    List<String> commandEnds(int exitCode, String... args) {
        JavaProcess process = command(args);
        requireExit(process, exitCode);
        return process.output();
    }

    /** Waits for the end of a command, which must be one of these. */
    void requireExit(JavaProcess process, Integer... exitCodes) {
        assertThat(process.awaitExit(LONG_SECONDS))
                .describedAs(() -> printed(process) + "\n" + log())
                .isIn((Object[]) exitCodes);
    }

    private static String printed(JavaProcess process) {
        return String.join("\n", process.output());
    }

    /** The end of what the runners logged. */
    String log() {
        try {
            List<String> lines = Files.exists(logFile()) ? Files.readAllLines(logFile()) : List.of();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Path logFile() {
        return place.folder().resolve("backfill.log");
    }

    /** What {@code status} says. */
    JsonNode status() {
        return json(commandEnds(0, "status", RUN, "--json"));
    }

    /** The result among what a command printed. */
    static JsonNode json(List<String> output) {
        return JsonMapper.shared().readTree(output.stream().filter(line -> line.startsWith("{")).findFirst()
                .orElseThrow(() -> new AssertionError(String.join("\n", output))));
    }

    /** Waits until the deployment's ledger says something; it is looked at from outside. */
    void awaitLedger(Predicate<LedgerTotals> wanted) {
        patiently().until(() -> wanted.test(ledger()));
    }

    static ConditionFactory patiently() {
        return Awaitility.await().pollInterval(Duration.ofMillis(50)).atMost(Duration.ofSeconds(LONG_SECONDS));
    }

    /** The sums of the ledger's rows, as they are in the deployment. */
    record LedgerTotals(long read, long changed, long unchanged, long deleted, long quarantined, long conflicts,
            boolean isDone) {}

    LedgerTotals ledger() {
        return ledger(RUN);
    }

    /** The same of any run. */
    LedgerTotals ledger(String run) {
        long[] sums = new long[6];
        boolean[] all = {true};
        String[] names = {"read", "changed", "unchanged", "deleted", "quarantined", "conflicts"};
        deployment().forEach("backfillLedger", row -> {
            if (!row.get("run").asString().equals(run)) {
                return;
            }
            for (int i = 0; i < names.length; i++) {
                sums[i] += row.get(names[i]).asLong();
            }
            all[0] &= row.get("isDone").asBoolean();
        });
        return new LedgerTotals(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], all[0]);
    }

    /** Ends the app and looks at every document: no write of anybody is missing, and none happened twice. */
    void requireRightDocuments() {
        JavaProcess writing = app;
        if (writing != null) {
            assertThat(writing.isAlive()).describedAs(() -> "the app writes to the end\n" + printed(writing)).isTrue();
            writing.kill();
        }
        deployment().setFaults(Map.of());
        AppWrites writes = AppWrites.notedIn(place.writes());
        // what the app had called when it was killed may still be under way
        Duration toLookAtAll = Duration.ofMillis(scenario.documents() / 5);
        patiently().atMost(SETTLED.plus(toLookAtAll))
                .untilAsserted(() -> assertThat(scenario.wrong(deployment(), writes))
                        .describedAs("documents that miss a write or have one twice").isEmpty());
        assertThat(deployment().count(scenario.table())).isEqualTo(scenario.documents());
        if (writing != null) {
            assertThat(writes.countConfirmed()).describedAs("writes of the app").isPositive();
        }
    }

    /** Ends the app and looks at everything: the documents, and whether the counts are true. */
    LedgerTotals requireExactlyOnce() {
        requireRightDocuments();
        int selected = scenario.selected();
        LedgerTotals ledger = ledger();
        assertThat(ledger).isEqualTo(new LedgerTotals(selected, selected, 0, 0, 0, ledger.conflicts(), true));
        JsonNode status = status();
        assertThat(status.get("state").asString()).isEqualTo("COMPLETED");
        assertThat(List.of(status.get("read").asLong(), status.get("changed").asLong(),
                status.get("unchanged").asLong(),
                status.get("conflicts").asLong(), status.get("quarantined").asLong(), status.get("unsettled").asLong()))
                .describedAs("read, changed, unchanged, conflicts, quarantined, unsettled as status has them")
                .isEqualTo(List.of(ledger.read(), ledger.changed(), 0L, ledger.conflicts(), 0L, 0L));
        return ledger;
    }

    /** The report of the run says the same as its ledger, whoever was killed: in its sums, over time, and of fields. */
    JsonNode requireReport(LedgerTotals ledger) {
        JsonNode report = JsonMapper.shared().readTree(String.join("\n", commandEnds(0, "report", RUN, "--json")));
        long[] sums = new long[3];
        long[] changes = new long[1];
        report.get("samples").forEach(sample -> {
            sums[0] += sample.get("read").asLong();
            sums[1] += sample.get("changed").asLong();
            sums[2] += sample.get("conflicts").asLong();
        });
        report.get("fields").get("changes").forEach(field -> changes[0] = Math.max(changes[0],
                field.get("added").asLong() + field.get("removed").asLong() + field.get("changed").asLong()
                        + field.get("typeChanged").asLong()));
        assertThat(sums).describedAs("read, changed and conflicts in all samples")
                .containsExactly(ledger.read(), ledger.changed(), ledger.conflicts());
        assertThat(changes[0]).describedAs("documents of which the field that changes most was changed")
                .isEqualTo(ledger.changed());
        return report;
    }

    @Override
    public void close() {
        inBackground.forEach(ProcessHandle::destroyForcibly);
        processes.reversed().forEach(JavaProcess::close);
    }
}
