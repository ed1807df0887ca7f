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

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays of runs that are for some documents only, or copy them, while the app goes on with those in quarantine. */
class ReplayedRunsTest {

    private static final int DOCUMENTS = 400;
    private static final String SCHEMA = """
            {"schemaValidation": false, "tables": [{"tableName": "users", "searchIndexes": [], "vectorIndexes": [],
              "indexes": [%s], "documentType": null},
              {"tableName": "copies", "searchIndexes": [], "vectorIndexes": [], "indexes": [], "documentType": null}]}""";
    private static final String INDEX = "{\"indexDescriptor\": \"by_city\", \"fields\": [\"city\"]}";
    private static final String INCREMENT = "transform:\n  - increment: { field: count }\n";
    private static final String CORRECTED = """
            transform:
              - set: { field: count, value: 0, when: "doc.count == 'none'" }
              - increment: { field: count }
            """;

    private final LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey("local|key")).start();

    @TempDir
    private Path folder;

    /** By {@code n}. Every fourth count is a text; of two that follow each other in that, one is in Paris. */
    private final Map<Integer, ConvexObject> before = new HashMap<>();

    @BeforeEach
    void load() throws IOException {
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
        deployment.pushSchema(SCHEMA.formatted(INDEX));
        deployment.load("users", IntStream.range(0, DOCUMENTS).mapToObj(n -> ConvexObject.builder().put("n", n)
                .put("city", n % 8 < 4 ? "Paris" : "Lyon")
                .put("count", isText(n) ? ConvexValue.of("none") : ConvexValue.number(0)).build()));
        before.putAll(byNumber("users"));
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private static boolean isText(int n) {
        return n % 4 == 0;
    }

    /** Those in quarantine after a run over Paris, in the order of {@code n}. */
    private static int inParis(int i) {
        return 8 * i;
    }

    private Map<Integer, ConvexObject> byNumber(String table) {
        Map<Integer, ConvexObject> documents = new HashMap<>();
        deployment.forEach(table,
                document -> assertThat(documents.put((int) document.number("n"), document)).isNull());
        return documents;
    }

    private int backfill(String... args) {
        return BackfillCommand.execute(Stream.concat(Stream.of(args), Stream.of("--repository", repositoryUrl(),
                "--url", deployment.url().toString(), "--admin-key-file", folder.resolve("key").toString()))
                .toArray(String[]::new));
    }

    private String repositoryUrl() {
        return "jdbc:h2:file:" + folder.resolve("repository");
    }

    private String plan(String name, String table, String rest) throws IOException {
        return Files.writeString(folder.resolve(name + ".yaml"), """
                apiVersion: backfill/v1
                name: %s
                table: %s
                ranges: 4
                chunk: { documents: 25 }
                quarantine: { stopAbove: 1000 }
                """.formatted(name, table) + rest).toString();
    }

    private <T> T inRepository(Function<RunRepository, T> question) {
        try (HikariDataSource dataSource = RepositoryDataSource
                .forOneQuestion(new RepositoryLocation(repositoryUrl(), null, null))) {
            return question.apply(RunRepository.over(dataSource));
        }
    }

    private RunProgress progress(String run) {
        return inRepository(stores -> RunProgress.of(stores.runs().find(run).orElseThrow(), stores.stores()));
    }

    private interface AppWrite {

        void in(DocumentTransaction transaction, String id) throws ConflictException;
    }

    private void app(int n, AppWrite write) throws ConflictException {
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            write.in(transaction, at(before, n).string("_id"));
            transaction.commit();
        }
    }

    private static <K, V> V at(Map<K, V> map, K key) {
        return Objects.requireNonNull(map.get(key), () -> "nothing for " + key);
    }

    @Test
    void aRunByAnIndexIsReplayedWithoutTheIndexAndOnlyForWhatIsStillSelected() throws Exception {
        String where = "where: { index: by_city, equals: { city: Paris } }\n";
        assertThat(backfill("run", plan("paris", "users", where + INCREMENT))).isEqualTo(3);
        assertThat(progress("paris").inQuarantine()).isEqualTo(50);

        deployment.pushSchema(SCHEMA.formatted(""));
        for (int i = 0; i < 10; i++) {
            app(inParis(i), DocumentTransaction::delete);
            app(inParis(10 + i), (transaction, id) -> transaction.patch(id, Map.of("city", ConvexValue.of("Nice"))));
            app(inParis(20 + i), (transaction, id) -> transaction.patch(id, Map.of("count", ConvexValue.number(7))));
        }
        assertThat(backfill("quarantine", "paris", "--replay", "--plan", plan("paris", "users", where + CORRECTED)))
                .isZero();

        assertThat(progress("paris-replay-1").counts()).isEqualTo(new Counts(50, 30, 10, 10, 0, 0));
        assertThat(progress("paris").inQuarantine()).isZero();
        Map<Integer, ConvexObject> after = byNumber("users");
        assertThat(after).hasSize(DOCUMENTS - 10);
        after.forEach((n, user) -> assertThat(user.get("count")).describedAs(user.toString()).isEqualTo(
                switch (user.string("city")) {
                    case "Paris" -> ConvexValue.number(n >= inParis(20) && n < inParis(30) && isText(n) ? 8 : 1);
                    default -> at(before, n).get("count");
                }));
    }

    @Test
    void aRunByAFilterIsReplayedWithABetterFilter() throws Exception {
        for (int n = 0; n < 5; n++) {
            app(n, (transaction, id) -> transaction.replace(id, ConvexObject.of("count", ConvexValue.number(0))));
        }
        Map<String, ConvexObject> start = byId("users");
        assertThat(backfill("run", plan("paris", "users", "where: { filter: \"doc.city == 'Paris'\" }\n" + INCREMENT)))
                .isEqualTo(3);
        long texts = start.values().stream().filter(user -> user.has("city") && user.string("city").equals("Paris")
                && ConvexValue.of("none").equals(user.get("count"))).count();
        assertThat(progress("paris").inQuarantine()).isEqualTo(texts + 5);

        assertThat(backfill("quarantine", "paris", "--replay", "--plan",
                plan("paris", "users", "where: { filter: \"has(doc.city) && doc.city == 'Paris'\" }\n" + CORRECTED)))
                .isZero();

        assertThat(progress("paris-replay-1").counts()).isEqualTo(new Counts(texts + 5, texts, 5, 0, 0, 0));
        assertThat(progress("paris").inQuarantine()).isZero();
        byId("users").forEach((id, user) -> assertThat(user.get("count")).isEqualTo(
                ConvexValue.of("Paris").equals(user.get("city")) ? ConvexValue.number(1) : at(start, id).get("count")));
    }

    private Map<String, ConvexObject> byId(String table) {
        Map<String, ConvexObject> documents = new HashMap<>();
        deployment.forEach(table, document -> documents.put(document.string("_id"), document));
        return documents;
    }

    @Test
    void theNewIdsOfARunAndOfItsReplaysAreThoseOfAllItsDocuments() throws Exception {
        String write = "write: { insertInto: copies }\n";
        assertThat(backfill("run", plan("copy", "users", INCREMENT + write))).isEqualTo(3);
        assertThat(progress("copy").inQuarantine()).isEqualTo(100);
        for (int i = 0; i < 20; i++) {
            app(4 * i, DocumentTransaction::delete);
        }

        // the first replay corrects one half, the second the other
        assertThat(backfill("quarantine", "copy", "--replay", "--plan", plan("copy", "users", """
                transform:
                  - set: { field: count, value: 0, when: "doc.count == 'none' && doc.n < 200.0" }
                  - increment: { field: count }
                """ + write))).isEqualTo(3);
        assertThat(progress("copy-replay-1").counts()).isEqualTo(new Counts(100, 30, 0, 20, 50, 0));
        assertThat(backfill("quarantine", "copy", "--replay", "--plan", plan("copy", "users", CORRECTED + write)))
                .isZero();
        assertThat(progress("copy-replay-2").counts()).isEqualTo(new Counts(50, 50, 0, 0, 0, 0));

        Map<Integer, ConvexObject> users = byNumber("users");
        Map<Integer, ConvexObject> copies = byNumber("copies");
        assertThat(users).hasSize(DOCUMENTS - 20);
        assertThat(copies.keySet()).isEqualTo(users.keySet());
        assertThat(copies.values()).allSatisfy(copy -> assertThat(copy.number("count")).isEqualTo(1));

        deployment.load("posts", users.values().stream().map(user -> ConvexObject.of("n", user.require("n"), "author",
                user.require("_id"))));
        assertThat(backfill("run", plan("follow", "posts", """
                transform:
                  - reference: { field: author, run: copy }
                """))).isZero();
        byNumber("posts").forEach((n, post) -> assertThat(post.string("author"))
                .isEqualTo(at(copies, n).string("_id")));
        List<Long> known = inRepository(stores -> Stream.of("copy", "copy-replay-1", "copy-replay-2")
                .map(run -> stores.jdbc().sql("select count(*) from backfill_id_mapping where run_name = :run")
                        .param("run", run).query(Long.class).single())
                .toList());
        assertThat(known).containsExactly(300L, 30L, 50L);
    }
}
