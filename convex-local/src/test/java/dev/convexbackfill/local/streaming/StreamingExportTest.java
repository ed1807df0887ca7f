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
package dev.convexbackfill.local.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.admin.SnapshotExport;
import dev.convexbackfill.client.admin.SnapshotExport.Snapshot;
import dev.convexbackfill.client.admin.StreamingExport;
import dev.convexbackfill.client.admin.StreamingExport.Deltas;
import dev.convexbackfill.client.admin.StreamingExport.Revision;
import dev.convexbackfill.client.admin.StreamingExport.SnapshotPage;
import dev.convexbackfill.client.admin.StreamingExport.SyncPage;
import dev.convexbackfill.client.admin.StreamingExport.SyncStatus;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.DocumentTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamingExportTest {

    private static final Set<String> ALL = Set.of();

    private final AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);
    private final InstantSource time = () -> Instant.now().plus(later.get());
    private final LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey("local|secret"))
            .clock(new Clock() {
                @Override
                public java.time.ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(java.time.ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return time.instant();
                }
            }).start();
    private final ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
    private final StreamingExport export = new StreamingExport(client, CallOptions.DEFAULT);

    @AfterEach
    void close() {
        client.close();
        deployment.close();
    }

    private void write(Consumer<DocumentTransaction> writes) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            writes.accept(transaction);
            transaction.commit();
        }
    }

    private static ConvexObject numbered(int n) {
        return ConvexObject.of("n", ConvexValue.int64(n));
    }

    private Map<String, ConvexObject> table(String name) {
        Map<String, ConvexObject> documents = new HashMap<>();
        deployment.forEach(name, document -> documents.put(document.string("_id"), document));
        return documents;
    }

    /** All pages of a snapshot after {@code first}. */
    private List<SnapshotPage> pages(Set<String> tables, @Nullable SnapshotPage first) {
        List<SnapshotPage> pages = new ArrayList<>();
        SnapshotPage page = first;
        do {
            page = export.listSnapshot(tables, page);
            pages.add(page);
        } while (page.cursor() != null);
        return pages;
    }

    /** What somebody has who knows nothing but the export. */
    private static final class Copy {

        private final Map<String, Map<String, ConvexObject>> tables = new HashMap<>();
        private final Map<String, Long> timestamps = new HashMap<>();

        void apply(List<Revision> revisions) {
            for (Revision revision : revisions) {
                Map<String, ConvexObject> table = tables.computeIfAbsent(revision.table(), _ -> new HashMap<>());
                assertThat(revision.timestamp()).as("no document goes back")
                        .isGreaterThanOrEqualTo(timestamps.getOrDefault(revision.id(), 0L));
                timestamps.put(revision.id(), revision.timestamp());
                ConvexObject document = revision.document();
                if (document == null) {
                    table.remove(revision.id());
                } else {
                    table.put(revision.id(), document);
                }
            }
        }

        void apply(SyncPage page) {
            page.truncates().forEach(name -> {
                Map<String, ConvexObject> dropped = tables.remove(name);
                if (dropped != null) {
                    timestamps.keySet().removeAll(dropped.keySet());
                }
            });
            apply(page.values());
        }

        Map<String, ConvexObject> table(String name) {
            return tables.getOrDefault(name, Map.of());
        }
    }

    private void writeAtRandom(Random random) {
        write(transaction -> {
            for (int i = 0; i < 1 + random.nextInt(20); i++) {
                String name = random.nextBoolean() ? "users" : "posts";
                List<String> ids = List.copyOf(table(name).keySet());
                String id = ids.isEmpty() ? null : ids.get(random.nextInt(ids.size()));
                boolean isThere = id != null && transaction.get(id) != null;
                switch (isThere ? random.nextInt(4) : 0) {
                    case 0, 1 -> transaction.insert(name, numbered(random.nextInt()));
                    case 2 -> transaction.patch(java.util.Objects.requireNonNull(id),
                            Map.of("n", ConvexValue.int64(random.nextInt())));
                    default -> transaction.delete(java.util.Objects.requireNonNull(id));
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aSnapshotAndItsDeltasGiveTheTable(long seed) {
        Random random = new Random(seed);
        deployment.load("users", IntStream.range(0, 2500).mapToObj(StreamingExportTest::numbered));
        deployment.load("posts", IntStream.range(0, 10).mapToObj(StreamingExportTest::numbered));
        Map<String, ConvexObject> before = table("users");
        SnapshotPage page = export.listSnapshot(ALL, null);
        Copy copy = new Copy();
        copy.apply(page.values());
        while (page.cursor() != null) {
            writeAtRandom(random);
            page = export.listSnapshot(ALL, page);
            assertThat(page.values()).hasSizeLessThanOrEqualTo(1024).extracting(Revision::id).isSorted();
            copy.apply(page.values());
        }
        assertThat(copy.table("users")).isEqualTo(before);

        long cursor = page.snapshot();
        for (int round = 0; round < 20; round++) {
            writeAtRandom(random);
            Deltas deltas = export.documentDeltas(ALL, cursor);
            copy.apply(deltas.values());
            cursor = deltas.cursor();
        }
        for (Deltas deltas = export.documentDeltas(ALL, cursor);; deltas = export.documentDeltas(ALL, cursor)) {
            copy.apply(deltas.values());
            cursor = deltas.cursor();
            if (!deltas.hasMore()) {
                break;
            }
        }

        assertThat(copy.table("users")).isEqualTo(table("users"));
        assertThat(copy.table("posts")).isEqualTo(table("posts"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aSyncGivesTheTablesAlsoWhereTheyAreReplaced(long seed) {
        Random random = new Random(seed);
        deployment.load("big", IntStream.range(0, 40_000).mapToObj(StreamingExportTest::numbered));
        deployment.load("users", IntStream.range(0, 100).mapToObj(StreamingExportTest::numbered));
        Copy copy = new Copy();
        SyncPage page = export.sync(ALL, null);
        copy.apply(page);
        assertThat(page.status()).isEqualTo(SyncStatus.SNAPSHOTTING);
        assertThat(page.truncates()).containsExactly("big");
        for (int round = 0; round < 30 || page.status() != SyncStatus.UP_TO_DATE; round++) {
            if (round < 30) {
                writeAtRandom(random);
                if (round == 10 || round == 20) {
                    clear("users");
                }
                if (round == 25) {
                    write(transaction -> transaction.insert("fresh", numbered(1)));
                }
            }
            page = export.sync(ALL, page.cursor());
            copy.apply(page);
        }

        for (String name : List.of("big", "users", "posts", "fresh")) {
            assertThat(copy.table(name)).as(name).isEqualTo(table(name));
        }
        assertThat(page.timestamp()).isEqualTo(deployment.store().timestamp());
        assertThat(
                new String(client.get("/api/v1/data/list_active_syncs", CallOptions.DEFAULT), StandardCharsets.UTF_8))
                .contains("\"type\":\"upToDate\"", "\"nextCursor\":null");
    }

    private void clear(String table) {
        write(transaction -> {
            long number = java.util.Objects.requireNonNull(transaction.tableNumbers().get(table));
            transaction.imports().show(List.of(transaction.imports().createHidden(table, number)));
        });
    }

    @Test
    void aSyncTellsOfTablesThatAreSelectedLater() {
        deployment.load("users", Stream.of(numbered(1)));
        deployment.load("posts", Stream.of(numbered(2)));
        SyncPage users = export.sync(Set.of("users"), null);

        SyncPage both = export.sync(Set.of("users", "posts"), users.cursor());
        SyncPage posts = export.sync(Set.of("posts"), both.cursor());
        SyncPage again = export.sync(Set.of("users", "posts"), posts.cursor());

        assertThat(users.truncates()).containsExactly("users");
        assertThat(both.truncates()).containsExactly("posts");
        assertThat(posts.truncates()).isEmpty();
        assertThat(again.truncates()).containsExactly("users");
        assertThat(again.values()).extracting(Revision::table).containsExactly("users");
    }

    @Test
    void noTransactionIsCutInTwoAndDeletesCarryOnlyTheId() {
        deployment.load("users", Stream.of(numbered(0)));
        long cursor = deployment.store().timestamp();
        write(transaction -> IntStream.range(0, 300).forEach(n -> transaction.insert("users", numbered(n))));
        String gone = table("users").keySet().iterator().next();
        write(transaction -> transaction.delete(gone));

        String page = post("/api/document_deltas", "{\"cursor\":%d}".formatted(cursor));
        Deltas first = export.documentDeltas(ALL, cursor);
        Deltas second = export.documentDeltas(ALL, first.cursor());

        assertThat(page).contains("\"hasMore\":true", "\"n\":\"299\"");
        assertThat(first.values()).hasSize(300).extracting(Revision::timestamp).containsOnly(first.cursor());
        assertThat(second.values()).singleElement()
                .satisfies(revision -> assertThat(revision.document()).isNull());
        assertThat(post("/api/document_deltas", "{\"cursor\":%d}".formatted(first.cursor())))
                .isEqualTo(("{\"values\":[{\"_component\":\"\",\"_table\":\"users\",\"_ts\":%d,\"_deleted\":true,"
                        + "\"_id\":\"%s\"}],\"cursor\":%d,\"hasMore\":false}").formatted(second.cursor(), gone,
                                second.cursor()));
    }

    private String post(String path, String json) {
        return new String(client.post(path, json.getBytes(StandardCharsets.UTF_8), CallOptions.DEFAULT),
                StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
            "{}; true; true; true",
            "{\"tableName\":\"users\"}; true; false; true",
            "{\"table_name\":\"users\",\"component\":\"\"}; true; false; true",
            "{\"component\":\"waitlist\"}; false; false; false",
            "{\"component\":\"\"}; true; true; true",
            "{\"selection\":{\"_other\":\"incl\",\"\":{\"_other\":\"included\",\"posts\":\"excl\"}}}; true; false; true",
            "{\"selection\":{\"_other\":\"excluded\",\"\":{\"_other\":\"excluded\",\"users\":{\"_other\":\"included\",\"n\":\"excluded\"}}}}; true; false; false",
            "{\"selection\":{\"_other\":\"excluded\"}}; false; false; false",
            "{\"selection\":{\"\":{\"users\":\"excluded\"}}}; true; true; true",
            "{\"selection\":\"users\"}; true; true; true",
    })
    void selectsTablesAndColumnsAndTakesWhatItDoesNotUnderstandForEverything(String arguments, boolean users,
            boolean posts, boolean columns) {
        deployment.load("users", Stream.of(numbered(1)));
        deployment.load("posts", Stream.of(ConvexObject.EMPTY));

        String listed = post("/api/list_snapshot", arguments);
        String cursor = export.listSnapshot(ALL, null).cursor();
        String second = cursor == null ? "" : post("/api/list_snapshot", arguments.length() == 2
                ? "{\"cursor\":%s}".formatted(quoted(cursor))
                : arguments.substring(0, arguments.length() - 1) + ",\"cursor\":%s}".formatted(quoted(cursor)));

        assertThat(listed.contains("\"_table\":\"users\"")).isEqualTo(users);
        assertThat(second.contains("\"_table\":\"posts\"")).isEqualTo(posts);
        assertThat(listed.contains("\"n\":\"1\"")).isEqualTo(columns);
    }

    private static String quoted(String text) {
        return dev.convexbackfill.client.value.ConvexJson.encodeToString(ConvexValue.of(text));
    }

    @Test
    void aSelectionInAUrlSelectsEverything() {
        deployment.load("users", Stream.of(numbered(1)));

        byte[] answer = client.get(
                "/api/list_snapshot?format=export_json&selection=%7B%22_other%22%3A%22excluded%22%7D",
                CallOptions.DEFAULT);

        assertThat(new String(answer, StandardCharsets.UTF_8)).contains("\"_table\":\"users\"", "\"n\":1");
        assertThat(client.get("/api/test_streaming_export_connection", CallOptions.DEFAULT)).asString()
                .isEqualTo("null");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
            "/api/list_snapshot; {\"snapshot\":1}; SnapshotTooOld",
            "/api/list_snapshot; {\"snapshot\":9000000000000000000}; SnapshotTooNew",
            "/api/list_snapshot; {\"cursor\":\"x\"}; InvalidListSnapshotCursor",
            "/api/list_snapshot; {\"format\":\"x\"}; BadFormat",
            "/api/document_deltas; {}; DocumentDeltasCursorRequired",
            "/api/document_deltas; {\"cursor\":1}; InvalidWindowToReadDocuments",
            "/api/v1/data/sync; {\"cursor\":\"AAAA\"}; InvalidDataSyncCursor",
            "/api/v1/data/sync; {\"selection\":{\"\":{\"users\":\"excluded\"}}}; InvalidDataSyncSelection",
            "/api/v1/data/sync; {\"selection\":{\"_other\":\"included\",\"\":{\"_other\":\"included\",\"t\":{\"_other\":\"included\",\"_id\":\"excluded\"}}}}; InvalidDataSyncSelection",
            "/api/data_sync_cursor_from_deltas; {\"cursor\":9000000000000000000}; InvalidDataSyncCursor",
    })
    void refusesWhatConvexRefuses(String path, String arguments, String code) {
        assertThatThrownBy(() -> post(path, arguments)).isInstanceOfSatisfying(ConvexException.class,
                refused -> assertThat(refused.code()).isEqualTo(code));
    }

    @Test
    void aSnapshotThatNobodyAskedForIsForgottenUnlessNothingWasWrittenSince() {
        deployment.load("users", IntStream.range(0, 1100).mapToObj(StreamingExportTest::numbered));
        SnapshotPage first = export.listSnapshot(ALL, null);

        later.set(Duration.ofHours(2));
        assertThat(pages(ALL, first)).hasSize(1);

        write(transaction -> transaction.insert("users", numbered(1)));
        assertThat(pages(ALL, first)).hasSize(1);
        later.set(Duration.ofHours(4));
        assertThatThrownBy(() -> export.listSnapshot(ALL, first)).isInstanceOfSatisfying(ConvexException.class,
                refused -> assertThat(refused.code()).isEqualTo("SnapshotTooOld"));
    }

    @Test
    void aCursorOfDeltasBecomesOneOfASync() {
        deployment.load("users", Stream.of(numbered(1)));
        long cursor = deployment.store().timestamp();
        write(transaction -> transaction.insert("users", numbered(2)));

        String answer = post("/api/data_sync_cursor_from_deltas", "{\"cursor\":%d}".formatted(cursor));
        SyncPage page = export.sync(ALL, dev.convexbackfill.client.value.ConvexJson
                .decodeObject(answer.getBytes(StandardCharsets.UTF_8)).string("cursor"));

        assertThat(page.truncates()).isEmpty();
        assertThat(page.status()).isEqualTo(SyncStatus.UP_TO_DATE);
        assertThat(page.values()).singleElement().satisfies(revision -> assertThat(
                java.util.Objects.requireNonNull(revision.document()).get("n")).isEqualTo(ConvexValue.int64(2)));
    }

    @Test
    void theClientMakesSnapshotsAndSavesThem(@TempDir Path directory) throws Exception {
        deployment.load("users", Stream.of(numbered(1)));
        SnapshotExport snapshots = new SnapshotExport(client, CallOptions.DEFAULT);
        Path file = directory.resolve("snapshot.zip");

        Snapshot first = snapshots.create(false);
        Snapshot second = snapshots.create(true);
        snapshots.save(second, file);

        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(Files.size(file)).isEqualTo(second.size());
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
        assertThatThrownBy(() -> snapshots.save(new Snapshot("x", 1, 1), file)).isInstanceOf(ConvexException.class)
                .hasMessageContaining("was not found");
        assertThat(file).exists();
    }
}
