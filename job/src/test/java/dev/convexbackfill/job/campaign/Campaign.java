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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run that adds one to every counter while an app goes on writing, with all that it takes in processes of their own. At the
 * end {@link #requireExactlyOnce} looks at every document.
 */
final class Campaign implements AutoCloseable {

    static final String RUN = "counters";
    private static final String KEY = "local|0123456789abcdef";
    private static final long LONG_SECONDS = 240;
    private static final int LOG_LINES = 200;

    private final Path folder;
    private final int documents;
    private final @Nullable Path functions;
    private final int port;
    private final Map<String, String> environment = new HashMap<>();
    private final List<JavaProcess> processes = new ArrayList<>();
    private final List<ProcessHandle> inBackground = new ArrayList<>();
    private JavaProcess server;
    private @Nullable JavaProcess app;

    /** Serves {@code documents} counters. */
    Campaign(Path folder, TestDatabase database, int documents) {
        this(folder, database, documents, null);
    }

    /** Serves {@code documents} counters with the functions of an app in JavaScript; null for the twins of ours. */
    Campaign(Path folder, TestDatabase database, int documents, @Nullable Path functions) {
        this.functions = functions;
        this.folder = folder;
        this.documents = documents;
        this.port = freePort();
        environment.put("CONVEX_URL", url().toString());
        environment.put("CONVEX_DEPLOY_KEY", KEY);
        environment.put("BACKFILL_REPOSITORY_URL", database.url());
        environment.put("BACKFILL_REPOSITORY_USERNAME", database.username());
        environment.put("BACKFILL_REPOSITORY_PASSWORD", database.password());
        this.server = startServer();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The deployment's. */
    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** For every command that is started from now on. */
    Campaign with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    private JavaProcess startServer() {
        List<String> args = new ArrayList<>(
                List.of(Integer.toString(port), folder.resolve("deployment").toString(), KEY,
                        Integer.toString(documents)));
        if (functions != null) {
            args.add(functions.toString());
        }
        JavaProcess process = start(CountersServer.class, List.of("-Xmx1g"), args.toArray(String[]::new));
        process.awaitLine(line -> line.startsWith("serving"));
        return process;
    }

    private JavaProcess start(Class<?> main, List<String> options, String... args) {
        JavaProcess process = JavaProcess.start(main, options, environment, args);
        processes.add(process);
        return process;
    }

    void startApp() {
        app = start(CountersApp.class, List.of("-Xmx256m"), url().toString(), KEY, writes().toString());
        app.awaitLine("writing"::equals);
    }

    private Path writes() {
        return folder.resolve("writes.txt");
    }

    /** {@code kill -9} of the deployment, which then serves what it had committed. */
    void killAndRestartServer() {
        server.kill();
        server = startServer();
    }

    DeploymentReader deployment() {
        return new DeploymentReader(url(), KEY);
    }

    /** Starts the run, so throttled that there is time to disturb it. */
    JavaProcess run(int documentsPerSecond) {
        throttle(documentsPerSecond);
        return command("run", plan().toString());
    }

    private Path plan() {
        return folder.resolve("plan.yaml");
    }

    /** How fast the run goes from its next start on. */
    void throttle(int documentsPerSecond) {
        try {
            Files.writeString(plan(), """
                    apiVersion: backfill/v1
                    name: %s
                    table: %s
                    transform:
                      - increment: { field: counter, by: 1 }
                    ranges: 16
                    chunk: { documents: 100 }
                    throttle: { documentsPerSecond: %d, concurrency: 8 }
                    """.formatted(RUN, CountersServer.TABLE, documentsPerSecond));
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
            return Files.readString(folder.resolve(RUN + ".out"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Starts any command. */
    JavaProcess command(String... args) {
        return start(Backfill.class, options(), args);
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

    /** Waits for the end of a command. */
    void requireExit(JavaProcess process, int exitCode) {
        assertThat(process.awaitExit(LONG_SECONDS))
                .describedAs(() -> String.join("\n", process.output()) + "\n" + log())
                .isEqualTo(exitCode);
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
        return folder.resolve("backfill.log");
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
        long[] sums = new long[6];
        boolean[] all = {true};
        String[] names = {"read", "changed", "unchanged", "deleted", "quarantined", "conflicts"};
        deployment().forEach("backfillLedger", row -> {
            for (int i = 0; i < names.length; i++) {
                sums[i] += row.get(names[i]).asLong();
            }
            all[0] &= row.get("isDone").asBoolean();
        });
        return new LedgerTotals(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], all[0]);
    }

    /** Ends the app and looks at everything: no write of either is missing, none happened twice, and the counts are true. */
    LedgerTotals requireExactlyOnce() {
        if (app != null) {
            app.kill();
        }
        deployment().setFaults(Map.of());
        Map<String, Set<Long>> tried = new HashMap<>();
        Map<String, Set<Long>> confirmed = new HashMap<>();
        readWrites(tried, confirmed);
        List<String> wrong = new ArrayList<>();
        long[] found = new long[2];
        deployment().forEach(CountersServer.TABLE, document -> {
            found[0]++;
            String id = document.get("_id").asString();
            List<Long> writes = new ArrayList<>();
            document.get("writes").forEach(number -> writes.add(number.asLong()));
            Set<Long> distinct = new HashSet<>(writes);
            found[1] += writes.size();
            boolean isRight = document.get("counter").asLong() == 1 + CountersServer.APP_ADDS * (long) writes.size()
                    && distinct.size() == writes.size()
                    && distinct.containsAll(confirmed.getOrDefault(id, Set.of()))
                    && tried.getOrDefault(id, Set.of()).containsAll(distinct);
            if (!isRight) {
                wrong.add("%s, confirmed %s".formatted(document, confirmed.get(id)));
            }
        });
        assertThat(wrong).describedAs("documents that miss a write or have one twice").isEmpty();
        assertThat(found[0]).isEqualTo(documents);
        if (app != null) {
            assertThat(found[1]).describedAs("writes of the app").isPositive();
        }
        LedgerTotals ledger = ledger();
        assertThat(ledger).isEqualTo(new LedgerTotals(documents, documents, 0, 0, 0, ledger.conflicts(), true));
        JsonNode status = status();
        assertThat(status.get("state").asString()).isEqualTo("COMPLETED");
        assertThat(List.of(status.get("read").asLong(), status.get("changed").asLong(),
                status.get("unchanged").asLong(),
                status.get("conflicts").asLong(), status.get("quarantined").asLong(), status.get("unsettled").asLong()))
                .describedAs("read, changed, unchanged, conflicts, quarantined, unsettled as status has them")
                .isEqualTo(List.of(ledger.read(), ledger.changed(), 0L, ledger.conflicts(), 0L, 0L));
        return ledger;
    }

    private void readWrites(Map<String, Set<Long>> tried, Map<String, Set<Long>> confirmed) {
        if (!Files.exists(writes())) {
            return;
        }
        try {
            for (String line : Files.readAllLines(writes())) {
                String[] words = line.split(" ", -1);
                // the app was killed, perhaps in the middle of a line
                if (words.length == 3 && !words[2].isEmpty()) {
                    (words[0].equals("confirmed") ? confirmed : tried).computeIfAbsent(words[1], _ -> new HashSet<>())
                            .add(Long.parseLong(words[2]));
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        inBackground.forEach(ProcessHandle::destroyForcibly);
        processes.reversed().forEach(JavaProcess::close);
    }
}
