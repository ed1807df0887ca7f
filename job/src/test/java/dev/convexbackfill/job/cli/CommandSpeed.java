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

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.job.history.HistoryStore;
import dev.convexbackfill.job.history.Sample;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Not a test, but a benchmark: how fast a verification and a rollback are beside the run itself, each between its first and its last
 * document, one after the other on one machine, as users start them. Started by {@code build/speed}.
 */
class CommandSpeed {

    private static final String KEY = "local|key";
    /** Before anything is measured, so many documents let the deployment get up to speed. */
    private static final int WARMUP = 50_000;
    private static final int VERIFICATIONS = 3;
    private static final int DOCUMENTS = Integer.getInteger("speed.documents", 300_000);
    private static final String REPOSITORIES = System.getProperty("speed.repositories", "H2 POSTGRESQL");
    /** False for the run and its verification by digests alone: the deployment needs less memory then. */
    private static final boolean ROLLS_BACK = Boolean.parseBoolean(System.getProperty("speed.rollback", "true"));
    private static final Path LAUNCHER = Path.of("..", "backfill").toAbsolutePath();
    /** The compiler and the collector that programs have by default, and not those that start fastest. */
    private static final List<String> OPTIMISED = List.of("-XX:TieredStopAtLevel=4", "-XX:-UseSerialGC", "-XX:+UseG1GC",
            "-Xmx14g");
    private static final long PATIENCE_SECONDS = 3600;

    @TempDir
    private Path folder;

    static Stream<TestDatabase.Kind> repositories() {
        return Pattern.compile(" ").splitAsStream(REPOSITORIES).map(TestDatabase.Kind::valueOf);
    }

    @ParameterizedTest
    @MethodSource("repositories")
    void runVerifyAndRollBack(TestDatabase.Kind kind) throws IOException {
        TestDatabase database = kind.create(folder);
        try (JavaProcess deployment = JavaProcess.start(CommandSpeed.class, OPTIMISED, Map.of(),
                String.valueOf(DOCUMENTS))) {
            String url = deployment.awaitLine(line -> line.startsWith("http"));
            Command command = new Command(folder, Map.of("CONVEX_URL", url, "CONVEX_DEPLOY_KEY", KEY,
                    "BACKFILL_REPOSITORY_URL", database.url(), "BACKFILL_REPOSITORY_USERNAME", database.username(),
                    "BACKFILL_REPOSITORY_PASSWORD", database.password(),
                    "BACKFILL_JAVA_OPTIONS", "-Dbackfill.log.file=" + folder.resolve("backfill.log")));
            for (String table : new String[]{"warmup", "users"}) {
                Path plan = Files.writeString(folder.resolve(table + ".yaml"), """
                        apiVersion: backfill/v1
                        name: %s
                        table: %s
                        transform:
                          - split: { from: name, into: [first, last], at: ' ' }
                          - convert: { field: credits, to: int64 }
                          - default: { field: active, value: true }
                          - drop: [name]
                        """.formatted(table, table));
                String rollback = table + "-rollback-1";
                Speed run = speed(command, database, table, "run", plan.toString());
                List<String> figures = new ArrayList<>(List.of(line(kind, "run", run, run)));
                // these are short, and the machine is faster in one minute than in another
                for (int n = 1; n <= VERIFICATIONS; n++) {
                    figures.add(line(kind, "verify, digests",
                            speed(command, database, table + "-verify-" + n, "verify", table), run));
                }
                if (ROLLS_BACK) {
                    figures.add(line(kind, "verify, documents", speed(command, database, table + "-documents", "verify",
                            table, "--name", table + "-documents", "--sample",
                            String.valueOf(Math.max(WARMUP, DOCUMENTS))), run));
                    figures.add(line(kind, "rollback", speed(command, database, rollback, "rollback", table), run));
                    figures.add(line(kind, "verify, rollback",
                            speed(command, database, rollback + "-verify-1", "verify", rollback), run));
                }
                if (table.equals("users")) {
                    figures.forEach(System.out::println);
                }
            }
        }
    }

    /** Serves so many users until it is killed. */
    public static void main(String[] args) throws InterruptedException {
        LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start();
        deployment.load("warmup", IntStream.range(0, WARMUP).mapToObj(CommandSpeed::user));
        deployment.load("users", IntStream.range(0, Integer.parseInt(args[0])).mapToObj(CommandSpeed::user));
        System.out.println(deployment.url());
        new CountDownLatch(1).await();
    }

    /** Documents per second: of the whole, and of its second half, when a program is up to speed. */
    private record Speed(double whole, double secondHalf) {

        static Speed of(List<Sample> samples) {
            long documents = samples.stream().mapToLong(sample -> sample.counts().read()).sum();
            long before = 0;
            int half = 0;
            while (half < samples.size() - 1 && before < documents / 2) {
                before += samples.get(half++).counts().read();
            }
            Instant end = samples.getLast().endedAt();
            return new Speed(documents / seconds(samples.getFirst().beganAt(), end),
                    (documents - before) / seconds(samples.get(half).beganAt(), end));
        }

        private static double seconds(Instant from, Instant to) {
            return Duration.between(from, to).toNanos() / 1e9;
        }
    }

    private static String line(TestDatabase.Kind kind, String what, Speed speed, Speed run) {
        return "%-10s %-18s %,9.0f documents/s  %.2f of the run; from the middle on %,9.0f  %.2f".formatted(kind, what,
                speed.whole(), speed.whole() / run.whole(), speed.secondHalf(),
                speed.secondHalf() / run.secondHalf());
    }

    private static ConvexObject user(int n) {
        return ConvexObject.builder().put("n", n).put("name", "Ada Lovelace" + n).put("credits", String.valueOf(n))
                .put("email", "ada" + n + "@example.com").put("bio", "A text of some length about number " + n)
                .put("address", ConvexObject.builder().put("street", "St James's Square " + n).put("city", "London")
                        .put("postcode", "SW1Y").build())
                .put("tags", ConvexValue.array(ConvexValue.of("first"), ConvexValue.of("mathematics"))).build();
    }

    private record Command(Path folder, Map<String, String> environment) {

        void run(String... args) {
            List<String> command = Stream.concat(Stream.of(LAUNCHER.toString()), Stream.of(args)).toList();
            try (JavaProcess process = JavaProcess.start(command, environment, folder)) {
                if (process.awaitExit(PATIENCE_SECONDS) != 0) {
                    throw new IllegalStateException(String.join("\n", process.output()));
                }
            }
        }
    }

    /** As the run's own samples say, of which the last ends with the run. */
    private static Speed speed(Command command, TestDatabase database, String run, String... args) throws IOException {
        command.run(args);
        try (HikariDataSource source = RepositoryDataSource
                .forRuns(new RepositoryLocation(database.url(), database.username(), database.password()), 1)) {
            return Speed.of(new HistoryStore(JdbcClient.create(source)).samples(run));
        }
    }
}
