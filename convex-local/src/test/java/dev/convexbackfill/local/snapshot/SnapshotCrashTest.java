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
package dev.convexbackfill.local.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.testsupport.JavaProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotCrashTest {

    private static final String KEY = "local|secret";
    private static final int DOCUMENTS = 30_000;

    @TempDir
    private Path directory;

    /** A deployment in a process of its own; closing it is {@code kill -9}. */
    private record Running(JavaProcess process, SnapshotApi api) implements AutoCloseable {

        @Override
        public void close() {
            api.close();
            process.close();
        }
    }

    private Running start() {
        JavaProcess server = JavaProcess.start(Server.class, List.of("-Xmx256m"), Map.of(), directory.toString());
        return new Running(server, new SnapshotApi(URI.create(server.awaitLine(line -> line.startsWith("http"))), KEY));
    }

    private static byte[] lines(int from) {
        StringBuilder lines = new StringBuilder();
        IntStream.range(from, from + DOCUMENTS).forEach(n -> lines.append("{\"n\":").append(n).append("}\n"));
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private List<Integer> numbers(String table) {
        try (LocalDeployment deployment = LocalDeployment.builder().directory(directory).start()) {
            List<Integer> numbers = new java.util.ArrayList<>();
            deployment.forEach(table, document -> numbers.add((int) document.number("n")));
            return numbers;
        }
    }

    private static String begin(SnapshotApi api, String mode, int from) {
        String id = api.upload(lines(from), 1 << 20,
                "{\"tableName\":\"users\",\"mode\":\"%s\",\"format\":\"jsonLines\"}".formatted(mode));
        api.awaitImport(id, "waiting_for_confirmation");
        assertThat(api.post("/api/perform_import", "{\"importId\":\"%s\"}".formatted(id)).statusCode()).isEqualTo(200);
        return id;
    }

    @Test
    void anImportThatIsKilledShowsNothingOfItselfUntilItHasBegunAgainAndIsComplete() {
        try (Running running = start()) {
            running.api.importNow("users", "jsonLines", "requireEmpty", "{\"n\":-1}\n");
        }
        Random random = new Random();
        for (int round = 0; round < 4; round++) {
            String id;
            try (Running running = start()) {
                id = begin(running.api, "replace", round * DOCUMENTS);
                running.api.awaitRows(id, random.nextInt(4) * 8000L);
            }
            try (Running running = start()) {
                // right after the start, and for as long as it runs, the table is the old one or the new one
                for (boolean ended = false; !ended;) {
                    ended = running.api.importState(id).string("state").equals("completed");
                    assertThat(running.api.tableSize("users")).isIn(1L, (long) DOCUMENTS);
                }
                assertThat(running.api.importState(id).require("num_rows_written"))
                        .isEqualTo(ConvexValue.int64(DOCUMENTS));
            }
        }
        assertThat(numbers("users")).hasSize(DOCUMENTS).contains(3 * DOCUMENTS, 4 * DOCUMENTS - 1);
    }

    @Test
    void anAppendThatIsKilledFailsAndSaysThatPartIsThere() {
        String id;
        try (Running running = start()) {
            running.api.importNow("users", "jsonLines", "requireEmpty", "{\"n\":-1}\n");
            id = begin(running.api, "append", 0);
            running.api.awaitRows(id, 8000);
        }

        try (Running running = start()) {
            ConvexObject state = running.api.awaitImport(id, "failed", "completed");
            if (state.string("state").equals("failed")) {
                assertThat(state.string("error_message"))
                        .contains("some of its documents are there and others are not");
            }
        }
    }

    @Test
    void anExportThatIsKilledIsMadeAgainAsAWhole() throws IOException {
        try (Running running = start()) {
            running.api.importNow("users", "jsonLines", "requireEmpty", new String(lines(0), StandardCharsets.UTF_8));
            assertThat(running.api.post("/api/export/request/zip", "").statusCode()).isEqualTo(200);
            running.api.awaitExport(export -> !export.string("state").equals("requested"));
        }

        try (Running running = start()) {
            ConvexObject done = running.api.awaitExport(export -> export.string("state").equals("completed"));
            Map<String, String> files = SnapshotApi.unzip(
                    running.api.download(((ConvexInt64) done.require("start_ts")).value()));
            assertThat(files.getOrDefault("users/documents.jsonl", "").lines()).hasSize(DOCUMENTS);
        }
        try (Stream<Path> kept = Files.list(directory.resolve("snapshots"))) {
            assertThat(kept.toList()).hasSize(1);
        }
    }

    @Test
    void aLoadThatIsKilledLeavesNothing() {
        try (JavaProcess loader = JavaProcess.start(Loader.class, List.of(), Map.of(), directory.toString())) {
            loader.awaitLine(line -> line.equals("20000"));
            loader.kill();
        }
        assertThat(numbers("users")).isEmpty();
        try (LocalDeployment deployment = LocalDeployment.builder().directory(directory).start()) {
            assertThat(deployment.hasTable("users")).isFalse();
        }
    }

    /** A deployment of its own. */
    static final class Server {

        private Server() {}

        public static void main(String[] args) throws InterruptedException {
            LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY))
                    .directory(Path.of(args[0])).start();
            System.out.println(deployment.url());
            Thread.currentThread().join();
        }
    }

    /** Loads documents for ever and tells how far it is. */
    static final class Loader {

        private Loader() {}

        public static void main(String[] args) {
            LocalDeployment deployment = LocalDeployment.builder().directory(Path.of(args[0])).start();
            deployment.load("users", Stream.iterate(0, n -> n + 1).map(n -> {
                if (n % 10_000 == 0) {
                    System.out.println(n);
                }
                return ConvexObject.of("n", ConvexValue.number(n));
            }));
        }
    }
}
