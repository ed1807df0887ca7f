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
package dev.convexbackfill.job.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.job.point.DeploymentPoint;
import dev.convexbackfill.job.point.PointReader;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.local.snapshot.ImportFormat;
import dev.convexbackfill.local.snapshot.ImportMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTakingTest {

    private static final String LONGEST = "T" + "_9z".repeat(21);
    private static final List<String> HARD_NAMES = List.of("constructor", "documents", "A", "a_1", LONGEST, "tables");

    @TempDir
    private Path folder;

    private final SnapshotFixture app = new SnapshotFixture();

    @AfterEach
    void close() {
        app.close();
    }

    private FolderPlace place() {
        return new FolderPlace(folder);
    }

    private static Stream<ConvexObject> nasty() {
        return Stream.of(
                ConvexObject.of("int", ConvexValue.int64(Long.MIN_VALUE), "float", ConvexValue.number(5)),
                ConvexObject.of("zero", ConvexValue.number(-0.0), "positive", ConvexValue.number(0.0)),
                ConvexObject.of("nan", ConvexValue.number(Double.NaN), "inf",
                        ConvexValue.number(Double.NEGATIVE_INFINITY)),
                ConvexObject.of("inf", ConvexValue.number(Double.POSITIVE_INFINITY), "tiny",
                        ConvexValue.number(Double.MIN_VALUE)),
                ConvexObject.of("bytes", ConvexValue.of(new byte[]{0, 1, -1, 10}), "none",
                        ConvexValue.of(new byte[0])),
                ConvexObject.of("text", ConvexValue.of("Ñandú 東京 العربية 😀\u2028\u0000\n\"\\"), "empty",
                        ConvexValue.of("")),
                ConvexObject.of("nested", ConvexValue.array(ConvexNull.NULL, ConvexValue.array(),
                        ConvexObject.of("deep", ConvexValue.int64(1)))),
                ConvexObject.EMPTY);
    }

    @Test
    void everyValueAndEveryNameComesBackByAnImportWhicheverWayItWasRead() throws IOException {
        HARD_NAMES.forEach(table -> app.deployment.load(table, nasty()));
        app.load("empty", 0);
        SnapshotTaking streaming = new SnapshotTaking(app.source(), place(), 2, new Tally());
        SnapshotTaking scanning = new SnapshotTaking(SnapshotFixture.source(app.client, false), place(), 2,
                new Tally());

        Manifest streamed = streaming.take("streamed", List.of(), true);
        Manifest scanned = scanning.take("scanned", List.of(), true);

        assertThat(streamed.content()).extracting(Manifest.Table::name)
                .contains("empty").containsAll(HARD_NAMES).hasSize(HARD_NAMES.size() + 1);
        assertThat(streamed.content()).allSatisfy(table -> {
            assertThat(table.documents()).isEqualTo(table.name().equals("empty") ? 0 : 8);
            assertThat(table.consistency()).isInstanceOf(Consistency.AtTimestamp.class);
        });
        assertThat(scanned.content()).allSatisfy(
                table -> assertThat(table.consistency().text()).isEqualTo("read 2 times, the last two alike"));
        assertThat(scanned.content()).extracting(Manifest.Table::sha256)
                .isEqualTo(streamed.content().stream().map(Manifest.Table::sha256).toList());
        for (String name : List.of("streamed", "scanned")) {
            try (LocalDeployment copy = LocalDeployment.builder().start()) {
                copy.importFile(folder.resolve(name).resolve("snapshot.zip"), ImportFormat.ZIP, ImportMode.REPLACE,
                        null);
                assertThat(copy.hasTable("empty")).isTrue();
                HARD_NAMES.forEach(table -> assertThat(SnapshotFixture.documents(copy, table)).as(table)
                        .isEqualTo(app.documents(table)));
            }
        }
        try (Stream<Path> files = Files.list(folder.resolve("scanned"))) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("snapshot.zip",
                    "manifest.json");
        }
        assertThat(place().names()).containsExactly("scanned", "streamed");
        assertThat(place().find("streamed")).isEqualTo(streamed);
    }

    @Test
    void aPointWithoutContentSaysWhatTheDeploymentIs() {
        app.load("posts", 7);

        Manifest manifest = app.take(place(), "point");

        assertThat(manifest.content()).isEmpty();
        assertThat(manifest.file()).isNull();
        assertThat(manifest.point().table("posts").orElseThrow().documents()).isEqualTo(7);
        assertThat(manifest.point().leftOut()).isEmpty();
        assertThat(manifest.point().timestamp()).isPositive();
        assertThat(DeploymentPoint.fromObject(manifest.point().toObject())).isEqualTo(manifest.point());
        assertThat(new String(manifest.toJson(), StandardCharsets.UTF_8))
                .doesNotContain(app.deployment.adminKey().value().substring(6)).contains("_storage");
    }

    @Test
    void aCountThatTheDeploymentDoesNotGiveIsLeftOutAndSaid() {
        app.load("posts", 7);
        app.deployment.setFaults(Faults.fromJson(ConvexObject.of("rateLimited", ConvexValue.number(1), "functions",
                ConvexValue.of("_system/cli/tableSize"))));

        DeploymentPoint point = new PointReader(app.client, CallOptions.DEFAULT.withRetry(RetryPolicy.NEVER),
                Clock.systemUTC()).read("posts"::equals);

        assertThat(point.table("posts").orElseThrow().documents()).isNull();
        assertThat(point.leftOut()).singleElement().asString().startsWith("the count of 'posts': ");
    }

    @Test
    void whereStreamingExportIsNotAllowedTheTableIsScanned() throws IOException {
        app.load("posts", 2500);
        HttpServer refusing = withoutStreamingExport();
        URI url = URI.create("http://127.0.0.1:" + refusing.getAddress().getPort());
        try (ConvexClient client = app.client(url)) {
            Manifest manifest = new SnapshotTaking(SnapshotFixture.source(client, true), place(), 2, new Tally())
                    .take("scan", List.of("posts"), false);

            assertThat(manifest.content()).singleElement()
                    .satisfies(table -> {
                        assertThat(table.documents()).isEqualTo(2500);
                        assertThat(table.consistency()).isInstanceOf(Consistency.Scanned.class);
                        assertThat(table.consistency().isSettled()).isTrue();
                    });
        } finally {
            refusing.stop(0);
        }
    }

    /** The deployment as Convex's cloud is on a plan without it. */
    private HttpServer withoutStreamingExport() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        HttpClient forward = HttpClient.newHttpClient();
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            byte[] answer;
            int status;
            if (exchange.getRequestURI().getPath().equals("/api/list_snapshot")) {
                status = 403;
                answer = "{\"code\":\"StreamingExportNotEnabled\",\"message\":\"Streaming export is only available on the Convex Professional plan.\"}"
                        .getBytes(StandardCharsets.UTF_8);
            } else {
                try {
                    HttpResponse<byte[]> response = forward.send(
                            HttpRequest.newBuilder(app.deployment.url().resolve(exchange.getRequestURI()))
                                    .header("Authorization", exchange.getRequestHeaders().getFirst("Authorization"))
                                    .header("Content-Type", "application/json")
                                    .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
                    status = response.statusCode();
                    answer = response.body();
                } catch (InterruptedException interrupted) {
                    throw new IOException(interrupted);
                }
            }
            exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    @Test
    void aTableThatNeverRestsIsNotCalledConsistent() throws InterruptedException {
        app.load("posts", 3000);
        String busy = app.anyId("posts");
        AtomicBoolean goesOn = new AtomicBoolean(true);
        Thread writer = Thread.ofVirtual().start(() -> {
            while (goesOn.get()) {
                app.count(busy);
                LockSupport.parkNanos(1_000_000);
            }
        });
        Manifest manifest;
        try {
            manifest = new SnapshotTaking(SnapshotFixture.source(app.client, false), place(), 2, new Tally())
                    .take("busy", List.of("posts"), false);
        } finally {
            goesOn.set(false);
            writer.join();
        }

        assertThat(manifest.content().getFirst().consistency().isSettled()).isFalse();
        assertThat(manifest.content().getFirst().consistency().text())
                .isEqualTo("read 2 times, and 1 documents still changed between the last two: not as of one time");

        Manifest rested = new SnapshotTaking(SnapshotFixture.source(app.client, false), place(), 5, new Tally())
                .take("rested", List.of("posts"), false);
        assertThat(rested.content().getFirst().consistency().isSettled()).isTrue();
    }

    @Test
    void whatCantBeInASnapshotIsRefusedAndLeavesNothing() {
        app.load("posts", 1);

        assertThatThrownBy(() -> app.take(place(), "a", "_storage")).isInstanceOf(RefusedException.class)
                .hasMessageContaining("npx convex export --include-file-storage");
        assertThatThrownBy(() -> app.take(place(), "a", "backfillLedger")).isInstanceOf(RefusedException.class)
                .hasMessage("'backfillLedger' belongs to convex-backfill itself");
        assertThatThrownBy(() -> app.take(place(), "a", "pots")).isInstanceOf(RefusedException.class)
                .hasMessage("The deployment has no table 'pots'. It has posts.");
        assertThat(folder).isEmptyDirectory();

        app.take(place(), "a", "posts");
        assertThatThrownBy(() -> app.take(place(), "a", "posts")).isInstanceOf(RefusedException.class)
                .hasMessage("There is already a snapshot 'a' in %s; give this one another name".formatted(folder));
    }

    @Test
    void aSnapshotThatFailsHalfWayLeavesNothing() throws IOException {
        FolderPlace place = place();
        try (SnapshotPlace.Writing writing = place.begin("half")) {
            writing.content().write(new byte[100_000]);
            writing.scratch();

            assertThat(place.names()).isEmpty();
            assertThat(place.find("half")).isNull();
            assertThat(place.clean()).singleElement()
                    .isEqualTo(new SnapshotPlace.Leftover(folder.resolve(".half.unfinished").toString(), true));
            assertThatThrownBy(() -> place.begin("half")).isInstanceOf(RefusedException.class)
                    .hasMessageContaining("Another process writes the snapshot 'half'");
        }
        assertThat(folder).isEmptyDirectory();
    }
}
