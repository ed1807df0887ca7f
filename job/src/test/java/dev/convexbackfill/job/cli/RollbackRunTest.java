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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Undoing runs, every document looked at: what the run did goes, what the app did stays. */
class RollbackRunTest {

    private static final int DOCUMENTS = 300;
    private static final String SPLIT = """
            transform:
              - split: { from: name, into: [first, last], at: whitespace }
              - set: { field: seen, value: true }
              - drop: name
            """;

    @TempDir
    private Path folder;

    private LocalDeployment deployment;
    private Map<String, ConvexObject> original;

    @BeforeEach
    void serve() throws IOException {
        deployment = LocalDeployment.builder().start();
        deployment.load("people", IntStream.range(0, DOCUMENTS).mapToObj(n -> person(n)));
        deployment.load("people_v2", Stream.of(ConvexObject.of("first", ConvexValue.of("of nobody"))));
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
        original = documents("people");
    }

    private static ConvexObject person(int n) {
        return ConvexObject.builder().put("name", "First%d Last%d".formatted(n, n)).put("seen", n % 2 == 0)
                .put("likes", 0).build();
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private int command(String... args) {
        return BackfillCommand.execute(Stream.concat(Stream.of(args), Stream.of("--url", deployment.url().toString(),
                "--admin-key-file", folder.resolve("key").toString(), "--repository", "jdbc:h2:file:" + repository()))
                .toArray(String[]::new));
    }

    private int run(String name, String rest) throws IOException {
        return command("run", Files.writeString(folder.resolve(name + ".yaml"), """
                apiVersion: backfill/v1
                name: %s
                table: people
                ranges: 4
                chunk: { documents: 20 }
                """.formatted(name) + rest).toString());
    }

    private Map<String, ConvexObject> documents(String table) {
        Map<String, ConvexObject> documents = new HashMap<>();
        deployment.forEach(table, document -> documents.put(document.string("_id"), document));
        return documents;
    }

    private void appWrites(String id, Map<String, @Nullable ConvexValue> fields) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            transaction.patch(id, fields);
            transaction.commit();
        }
    }

    private <T> T inRepository(Function<RunRepository, T> question) {
        try (HikariDataSource dataSource = RepositoryDataSource
                .forOneQuestion(new RepositoryLocation("jdbc:h2:file:" + repository(), null, null))) {
            return question.apply(RunRepository.over(dataSource));
        }
    }

    private Map<String, QuarantinedDocument> left(String rollback) {
        return inRepository(repository -> {
            Map<String, QuarantinedDocument> left = new HashMap<>();
            repository.stores().quarantine().list(rollback, 1000)
                    .forEach(document -> left.put(document.id(), document));
            return left;
        });
    }

    private List<String> ids() {
        return original.keySet().stream().sorted().toList();
    }

    @Test
    void everyFieldIsAsItWasAndWhatTheAppWroteSinceStays() throws IOException {
        assertThat(run("split", SPLIT)).isZero();
        appWrites(ids().get(0), Map.of("likes", ConvexValue.number(7)));
        appWrites(ids().get(1), Map.of("last", ConvexValue.of("App")));
        appWrites(ids().get(2), Map.of("first", ConvexValue.of("A"), "last", ConvexValue.of("B"), "seen",
                ConvexValue.of("C"), "name", ConvexValue.of("D")));

        assertThat(command("rollback", "split")).isEqualTo(3);

        Map<String, ConvexObject> now = documents("people");
        assertThat(now.keySet()).isEqualTo(original.keySet());
        now.forEach((id, document) -> {
            ConvexObject before = at(original, id);
            assertThat(document).isEqualTo(switch (ids().indexOf(id)) {
                case 0 -> before.with("likes", ConvexValue.number(7));
                case 1 -> before.with("last", ConvexValue.of("App"));
                case 2 -> before.with("first", ConvexValue.of("A")).with("last", ConvexValue.of("B"))
                        .with("seen", ConvexValue.of("C")).with("name", ConvexValue.of("D"));
                default -> before;
            });
        });
        Map<String, QuarantinedDocument> left = left("split-rollback-1");
        assertThat(left.keySet()).containsExactlyInAnyOrder(ids().get(1), ids().get(2));
        assertThat(left.values()).extracting(QuarantinedDocument::reason).containsOnly(Reason.CHANGED_SINCE);
        assertThat(at(left, ids().get(1)).message())
                .isEqualTo("The app has written 'last' since the run did; it was not touched");
    }

    @Test
    void whatTheAppWroteSinceIsOnlyOverwrittenWhenThatIsConfirmed() throws IOException {
        assertThat(run("split", SPLIT)).isZero();
        appWrites(ids().get(1), Map.of("last", ConvexValue.of("App"), "likes", ConvexValue.number(7)));

        assertThat(command("rollback", "split", "--on-conflict", "force")).isEqualTo(2);
        assertThat(command("rollback", "split", "--confirm", "force")).isEqualTo(2);
        assertThat(command("rollback", "split")).isEqualTo(3);
        assertThat(command("rollback", "split", "--on-conflict", "force", "--confirm", "force")).isZero();

        assertThat(documents("people")).isEqualTo(with(ids().get(1), "likes", ConvexValue.number(7)));
    }

    private Map<String, ConvexObject> with(String id, String field, ConvexValue value) {
        Map<String, ConvexObject> all = new HashMap<>(original);
        all.computeIfPresent(id, (_, document) -> document.with(field, value));
        return all;
    }

    @Test
    void undoingTwiceChangesNothingMore() throws IOException {
        assertThat(run("split", SPLIT)).isZero();
        assertThat(command("rollback", "split")).isZero();
        appWrites(ids().get(5), Map.of("name", ConvexValue.of("written since")));

        assertThat(command("rollback", "split")).isEqualTo(3);

        assertThat(documents("people")).isEqualTo(with(ids().get(5), "name", ConvexValue.of("written since")));
        assertThat(command("rollback", "split-rollback-1")).isEqualTo(2);
    }

    @Test
    void aRunThatStoppedHalfWayIsUndoneAndDoesNotGoOn() throws IOException {
        appWrites(ids().get(200), Map.of("name", ConvexValue.of("x y z")));
        original = documents("people");
        assertThat(run("split", SPLIT.replace("whitespace", "whitespace, remainder: fail")
                + "quarantine: { stopAbove: 0 }\nthrottle: { concurrency: 1 }\n")).isEqualTo(4);
        assertThat(documents("people")).isNotEqualTo(original);

        assertThat(command("rollback", "split")).isZero();

        assertThat(documents("people")).isEqualTo(original);
        assertThat(command("resume", "split")).isEqualTo(2);
        assertThat(documents("people")).isEqualTo(original);
    }

    @Test
    void aReplayIsUndoneWithItsRun() throws IOException {
        appWrites(ids().get(200), Map.of("name", ConvexValue.of("x y z")));
        original = documents("people");
        assertThat(run("split", SPLIT.replace("whitespace", "whitespace, remainder: fail"))).isEqualTo(3);
        Path corrected = Files.writeString(folder.resolve("corrected.yaml"),
                Files.readString(folder.resolve("split.yaml")).replace("remainder: fail", "remainder: last"));
        assertThat(command("quarantine", "split", "--replay", "--plan", corrected.toString())).isZero();
        assertThat(at(documents("people"), ids().get(200)).has("name")).isFalse();
        assertThat(command("rollback", "split-replay-1")).isEqualTo(2);

        assertThat(command("rollback", "split")).isZero();

        assertThat(documents("people")).isEqualTo(original);
        assertThat(command("quarantine", "split-rollback-1", "--replay")).isEqualTo(2);
    }

    @Test
    void whatALaterRunWroteStays() throws IOException {
        assertThat(run("first",
                "transform: [{ set: { field: seen, value: first } }, { set: { field: other, value: 1 } }]\n"))
                .isZero();
        assertThat(run("second", "transform: [{ set: { field: seen, value: second } }]\n")).isZero();

        assertThat(command("rollback", "first")).isEqualTo(3);

        assertThat(left("first-rollback-1")).hasSize(DOCUMENTS);
        documents("people").forEach((id, document) -> assertThat(document)
                .isEqualTo(at(original, id).with("seen", ConvexValue.of("second"))));
        // in the right order both go
        assertThat(command("rollback", "second")).isZero();
        assertThat(command("rollback", "first")).isZero();
        assertThat(documents("people")).isEqualTo(original);
    }

    @Test
    void onlySomeDocumentsOrRangesAreUndone() throws IOException {
        assertThat(run("split", SPLIT)).isZero();
        Map<String, ConvexObject> changed = documents("people");

        assertThat(command("rollback", "split", "--only", ids().get(3), ids().get(290))).isZero();
        documents("people").forEach((id, document) -> assertThat(document)
                .isEqualTo(at(ids().indexOf(id) == 3 || ids().indexOf(id) == 290 ? original : changed, id)));

        List<Run> runs = inRepository(repository -> repository.runs().list());
        assertThat(runs).extracting(Run::state).containsOnly(RunState.COMPLETED);
        String begin = inRepository(repository -> Objects
                .requireNonNull(repository.stores().ranges().list("split").get(1).range().through()));
        assertThat(command("rollback", "split", "--range", "0", "1")).isZero();
        documents("people").forEach((id, document) -> assertThat(document)
                .isEqualTo(at(id.compareTo(begin) <= 0 || ids().indexOf(id) == 290 ? original : changed, id)));

        assertThat(command("rollback", "split", "--range", "4")).isEqualTo(2);
        assertThat(command("rollback", "split", "--only", "nonsense")).isEqualTo(2);
        assertThat(command("rollback", "unknown")).isEqualTo(2);
    }

    @Test
    void whatTheJournalHasLostIsNotLeftWithoutAWord() throws IOException {
        assertThat(run("split", SPLIT)).isZero();
        int lost = inRepository(repository -> repository.jdbc().sql("""
                delete from backfill_journal where run_name = 'split' and range_number = 2 and sequence = 1""")
                .update());
        assertThat(lost).isEqualTo(1);
        Map<String, ConvexObject> changed = documents("people");

        assertThat(command("rollback", "split")).isEqualTo(2);
        assertThat(documents("people")).isEqualTo(changed);
        assertThat(command("rollback", "split", "--incomplete")).isZero();

        Map<String, ConvexObject> now = documents("people");
        assertThat(now.values()).filteredOn(document -> !document.has("name")).hasSizeBetween(1, 20);
        now.forEach((id, document) -> assertThat(document).isIn(at(original, id), at(changed, id)));
    }

    @Test
    void aReplacedDocumentIsAsItWas() throws IOException {
        assertThat(run("replace", SPLIT + "write: replace\n")).isZero();
        appWrites(ids().get(1), Map.of("likes", ConvexValue.number(7), "news", ConvexValue.of("of the app")));

        assertThat(command("rollback", "replace")).isZero();

        Map<String, ConvexObject> expected = with(ids().get(1), "likes", ConvexValue.number(7));
        expected.computeIfPresent(ids().get(1), (_, document) -> document.with("news", ConvexValue.of("of the app")));
        assertThat(documents("people")).isEqualTo(expected);
    }

    @Test
    void copiesGoUnlessTheAppHasWrittenToThem() throws IOException {
        assertThat(run("copy", SPLIT + "write: { insertInto: people_v2 }\n")).isZero();
        List<String> copies = new ArrayList<>(inRepository(repository -> newIds(repository, "copy")).values());
        assertThat(copies).hasSize(DOCUMENTS);
        appWrites(copies.get(0), Map.of("likes", ConvexValue.number(7)));

        assertThat(command("rollback", "copy")).isEqualTo(3);

        assertThat(documents("people")).isEqualTo(original);
        Map<String, ConvexObject> rest = documents("people_v2");
        assertThat(rest).hasSize(2).containsKey(copies.get(0));
        assertThat(left("copy-rollback-1")).containsOnlyKeys(copies.get(0));
        assertThat(command("rollback", "copy", "--on-conflict", "force", "--confirm", "force")).isZero();
        assertThat(documents("people_v2")).hasSize(1);
    }

    @Test
    void deletedDocumentsComeBackOnceAndTheirReferencesCanBeMended() throws IOException {
        deployment.load("letters", original.keySet().stream().map(id -> ConvexObject.of("to", ConvexValue.of(id))));
        assertThat(run("delete", "write: delete\nconfirm: delete\n")).isZero();
        assertThat(documents("people")).isEmpty();

        assertThat(command("rollback", "delete")).isZero();
        assertThat(command("rollback", "delete")).isZero();

        Map<String, ConvexObject> back = documents("people");
        Map<String, String> newIds = inRepository(repository -> newIds(repository, "delete-rollback-1"));
        assertThat(back).hasSize(DOCUMENTS);
        assertThat(newIds.keySet()).isEqualTo(original.keySet());
        newIds.forEach((id, newId) -> assertThat(fields(at(back, newId))).isEqualTo(fields(at(original, id))));

        Path mend = Files.writeString(folder.resolve("mend.yaml"), """
                apiVersion: backfill/v1
                name: mend
                table: letters
                transform:
                  - reference: { field: to, run: delete-rollback-1 }
                """);
        assertThat(command("run", mend.toString())).isZero();
        documents("letters").values().forEach(letter -> assertThat(back).containsKey(letter.string("to")));
    }

    private static ConvexObject fields(ConvexObject document) {
        return document.without("_id").without("_creationTime");
    }

    private static Map<String, String> newIds(RunRepository repository, String run) {
        Map<String, String> newIds = new HashMap<>();
        repository.jdbc().sql("select * from backfill_id_mapping where run_name = :run").param("run", run)
                .query(row -> {
                    newIds.put(row.getString("source_id"), row.getString("target_id"));
                });
        return newIds;
    }

    private static <T> T at(Map<String, T> map, String id) {
        return Objects.requireNonNull(map.get(id), id);
    }
}
