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
import static org.assertj.core.api.Assertions.tuple;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.job.reference.FoundReference;
import dev.convexbackfill.job.reference.MendingPlans;
import dev.convexbackfill.job.reference.ReferenceStore;
import dev.convexbackfill.job.reference.SearchState;
import dev.convexbackfill.job.reference.SearchState.Field;
import dev.convexbackfill.job.reference.SearchState.TableState;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.BackfillFunctions;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is found is compared with what a search of the text of all documents finds. */
class ReferencesCommandTest {

    private static final int PEOPLE = 60;
    private static final String ROLLBACK = "purge-rollback-1";

    @TempDir
    private Path folder;

    private LocalDeployment deployment;
    private RepositoryLocation repository;
    private List<String> gone;
    private List<String> staying;

    @BeforeEach
    void serve() throws IOException {
        deployment = LocalDeployment.builder().start();
        deployment.load("people",
                IntStream.range(0, PEOPLE).mapToObj(n -> ConvexObject.of("goes", ConvexValue.of(n % 2 == 0))));
        gone = ids("people", document -> document.bool("goes"));
        staying = ids("people", document -> !document.bool("goes"));
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
        repository = location(TestDatabase.Kind.H2);
    }

    private RepositoryLocation location(TestDatabase.Kind kind) {
        TestDatabase database = kind.create(folder);
        // on the command line there is only a URL
        return new RepositoryLocation(kind == TestDatabase.Kind.H2 ? database.url()
                : "%s?user=%s&password=%s".formatted(database.url(), database.username(), database.password()), null,
                null);
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private int command(String... args) {
        return BackfillCommand.execute(Stream.concat(Stream.of(args), Stream.of("--url", deployment.url().toString(),
                "--admin-key-file", folder.resolve("key").toString(), "--repository", repository.url()))
                .toArray(String[]::new));
    }

    private void deletePeople() throws IOException {
        assertThat(command("run", Files.writeString(folder.resolve("purge.yaml"), """
                apiVersion: backfill/v1
                name: purge
                table: people
                where: { filter: 'doc.goes' }
                ranges: 4
                write: delete
                confirm: delete
                """).toString())).isZero();
    }

    private List<String> ids(String table, Function<ConvexObject, Boolean> wanted) {
        List<String> ids = new ArrayList<>();
        deployment.forEach(table, document -> {
            if (wanted.apply(document)) {
                ids.add(document.string("_id"));
            }
        });
        return ids;
    }

    private <T> T inRepository(Function<RunRepository, T> question) {
        try (HikariDataSource dataSource = RepositoryDataSource.forOneQuestion(repository)) {
            return question.apply(RunRepository.over(dataSource));
        }
    }

    private SearchState search() {
        return inRepository(stores -> new ReferenceStore(stores.jdbc(), stores.transactions()).find(ROLLBACK)
                .orElseThrow());
    }

    private List<FoundReference> kept(Field field) {
        return inRepository(stores -> new ReferenceStore(stores.jdbc(), stores.transactions()).references(ROLLBACK,
                field, 1000));
    }

    /** {@code table.field} with its documents and references. */
    private Map<String, String> found() {
        Map<String, String> found = new HashMap<>();
        search().fields().forEach(field -> found.put(field.table() + "." + field.name(),
                field.documents() + "/" + field.references()));
        return found;
    }

    /** How often ids of documents that are gone are anywhere in the text of a table. */
    private int inText(String table) {
        int[] count = new int[1];
        deployment.forEach(table, document -> {
            String text = ConvexJson.encodeToString(document.without("_id"));
            gone.forEach(id -> count[0] += text.split(id, -1).length - 1);
        });
        return count[0];
    }

    private static ConvexArray strings(List<String> texts) {
        return ConvexValue.array(texts.stream().map(ConvexValue::of).toList());
    }

    /** A letter about two people, the second of which stays, with what only looks like a reference besides. */
    private ConvexObject letter(int n) {
        String old = gone.get(n % gone.size());
        String other = gone.get((n + 1) % gone.size());
        String living = staying.get(n % staying.size());
        String ofAnotherTable = DocumentId.of(20_000, DocumentId.parse(old).internal()).toString();
        return ConvexObject.builder()
                .put("to", n % 2 == 0 ? old : living)
                .put("cc", strings(List.of(old, living, other)))
                .put("meta", ConvexObject.of("owner", ConvexValue.of(old), "seenBy", strings(List.of(living, old))))
                .put("lines", ConvexValue.array(List.of(ConvexObject.of("by", ConvexValue.of(old)),
                        ConvexObject.of("by", ConvexValue.of(living)))))
                .put("votes", ConvexObject.of(old, ConvexValue.of(true), living, ConvexValue.of(old)))
                .put("grid", ConvexValue.array(List.of(strings(List.of(other)))))
                .put("noise", strings(List.of(ofAnotherTable, old.substring(1), old.toUpperCase(Locale.ROOT),
                        "d41d8cd98f00b204e9800998ecf8427e", "")))
                .put("n", n)
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void everyReferenceIsFoundOnceAndThePlansMendWhatTheyReach(TestDatabase.Kind kind) throws IOException {
        repository = location(kind);
        deployment.load("letters", IntStream.range(0, 40).mapToObj(this::letter));
        appSets("people", staying.get(0), "friend", gone.get(0));
        appSets("people", gone.get(1), "friend", gone.get(2));
        deployment.load("rooms", staying.stream().map(id -> ConvexObject.of("by", ConvexValue.of(id))));
        deletePeople();

        assertThat(command("rollback", "purge")).isZero();

        SearchState search = search();
        assertThat(search.isComplete()).isTrue();
        assertThat(found()).isEqualTo(Map.of("people.friend", "2/2", "letters.to", "20/20", "letters.cc[]", "40/80",
                "letters.meta.owner", "40/40", "letters.meta.seenBy[]", "40/40", "letters.lines[].by", "40/40",
                "letters.votes{}", "40/40", "letters.votes.*", "40/40", "letters.grid[][]", "40/40"));
        assertThat(search.references()).isEqualTo(inText("letters") + inText("people"));
        assertThat(search.tables()).extracting(SearchState.Table::name, SearchState.Table::state)
                .containsExactly(tuple("letters", TableState.READ),
                        tuple("people", TableState.READ),
                        tuple("rooms", TableState.READ));
        Map<String, String> newIds = newIds();
        search.fields().forEach(field -> assertThat(kept(field)).hasSize((int) Math.min(100, field.references()))
                .allSatisfy(reference -> assertThat(newIds).containsEntry(reference.oldId(), reference.newId())));
        assertThat(command("references", ROLLBACK)).isEqualTo(ExitCode.COMPLETED_WITH_QUARANTINE);

        MendingPlans plans = MendingPlans.of(ROLLBACK, "backfill", search.fields());
        assertThat(plans.plans()).containsOnlyKeys("letters", "people");
        assertThat(plans.unreachable()).extracting(Field::name).containsExactlyInAnyOrder("lines[].by", "votes{}",
                "votes.*", "grid[][]");
        for (Map.Entry<String, String> plan : plans.plans().entrySet()) {
            Path file = Files.writeString(folder.resolve(plan.getKey() + ".yaml"), plan.getValue());
            assertThat(command("run", file.toString())).isZero();
        }

        // what was found before is shown until all is read again
        assertThat(found()).hasSize(9);
        assertThat(command("references", ROLLBACK, "--again")).isEqualTo(ExitCode.COMPLETED_WITH_QUARANTINE);
        assertThat(found()).containsOnlyKeys("letters.lines[].by", "letters.votes{}", "letters.votes.*",
                "letters.grid[][]");
        Set<String> people = new HashSet<>(ids("people", _ -> true));
        deployment.forEach("letters", letter -> {
            assertThat(people).contains(letter.string("to"));
            assertThat(letter.array("cc")).hasSize(3)
                    .allSatisfy(id -> assertThat(people).contains(((ConvexString) id).value()));
        });
    }

    private Map<String, String> newIds() {
        return inRepository(stores -> {
            Map<String, String> newIds = new HashMap<>();
            stores.jdbc().sql("select * from backfill_id_mapping where run_name = :run").param("run", ROLLBACK)
                    .query(row -> {
                        newIds.put(row.getString("source_id"), row.getString("target_id"));
                    });
            assertThat(newIds.keySet()).containsExactlyInAnyOrderElementsOf(gone);
            return newIds;
        });
    }

    private void appSets(String table, String id, String field, String value) {
        assertThat(deployment.hasTable(table)).isTrue();
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            transaction.patch(id, Map.of(field, ConvexValue.of(value)));
            transaction.commit();
        }
    }

    @Test
    void onlyTablesAreReadThatTheSchemaLetsHoldSuchIds() throws IOException {
        deployment.load("letters", gone.stream().map(id -> ConvexObject.of("to", ConvexValue.of(id))));
        deployment.load("notes", gone.stream().map(id -> ConvexObject.of("of", ConvexValue.of(id))));
        deployment.load("counters", Stream.of(ConvexObject.of("n", ConvexValue.number(1))));
        deployment.load("chains", Stream.of(ConvexObject.EMPTY));
        deployment.load("free", gone.stream().map(id -> ConvexObject.of("any", ConvexValue.of(id))));
        deployment.schemas().push(new DocumentSchema(Map.of(
                "people", Validator.object().field("goes", Validator.BOOLEAN),
                "letters", Validator.object().field("to", Validator.union(Validator.NULL, Validator.id("people"))),
                "notes", Validator.object().field("of", Validator.STRING),
                "counters", Validator.object().field("n", Validator.NUMBER),
                "chains", Validator.object().optional("next", Validator.id("chains"))))
                .toDatabaseSchema());
        deletePeople();

        assertThat(command("rollback", "purge")).isZero();

        assertThat(found()).containsOnlyKeys("letters.to", "notes.of", "free.any");
        Map<String, TableState> states = new HashMap<>();
        search().tables().forEach(table -> states.put(table.name(), table.state()));
        assertThat(states).isEqualTo(Map.of("people", TableState.EXEMPT, "letters", TableState.READ, "notes",
                TableState.READ, "counters", TableState.EXEMPT, "chains", TableState.EXEMPT, "free",
                TableState.READ));
    }

    @Test
    void howeverManyReferencesAndFieldsThereAreFewAreKept() throws IOException {
        deployment.load("letters", IntStream.range(0, 3000).mapToObj(n -> ConvexObject.builder()
                .put("to", gone.get(n % gone.size()))
                .put("field" + n, strings(List.of(gone.get(0), gone.get(1))))
                .put("byName", ConvexObject.of("name" + n, ConvexValue.of(gone.get(2)))).build()));
        deletePeople();

        assertThat(command("rollback", "purge")).isZero();

        SearchState search = search();
        assertThat(search.references()).isEqualTo(3000 + 6000 + 3000).isEqualTo(inText("letters"));
        assertThat(search.fields()).hasSizeLessThanOrEqualTo(101);
        assertThat(found()).containsEntry("letters.to", "3000/3000").containsKeys("letters.byName.**", "letters.**");
        assertThat(search.fields()).allSatisfy(field -> assertThat(kept(field)).hasSizeBetween(1, 100));
        assertThat(search.documentsRead()).isEqualTo(3000 + PEOPLE);
        Path csv = folder.resolve("all.csv");
        assertThat(command("references", ROLLBACK, "--limit", "3", "--csv", csv.toString()))
                .isEqualTo(ExitCode.COMPLETED_WITH_QUARANTINE);
        int kept = search.fields().stream().mapToInt(field -> kept(field).size()).sum();
        assertThat(Files.readAllLines(csv)).hasSize(1 + kept).startsWith("table,field,document,oldId,newId");
    }

    @Test
    void whereNothingRefersToThemNothingIsFound() throws IOException {
        deployment.load("rooms", staying.stream().map(id -> ConvexObject.of("by", ConvexValue.of(id))));
        deletePeople();

        assertThat(command("rollback", "purge")).isZero();

        assertThat(search().references()).isZero();
        assertThat(command("references", ROLLBACK)).isZero();
        // nobody asks the deployment any more
        deployment.close();
        assertThat(command("references", ROLLBACK)).isZero();
        assertThat(command("references", ROLLBACK, "--again")).isEqualTo(ExitCode.REFUSED);
        assertThat(command("references", ROLLBACK)).isZero();
    }

    @Test
    void itIsLeftOutOnRequestAndDoneLater() throws IOException {
        deployment.load("letters", gone.stream().map(id -> ConvexObject.of("to", ConvexValue.of(id))));
        deletePeople();

        assertThat(command("rollback", "purge", "--no-references")).isZero();

        boolean wasBegun = inRepository(
                stores -> new ReferenceStore(stores.jdbc(), stores.transactions()).find(ROLLBACK).isPresent());
        assertThat(wasBegun).isFalse();
        assertThat(command("references", ROLLBACK)).isEqualTo(ExitCode.COMPLETED_WITH_QUARANTINE);
        assertThat(found()).isEqualTo(Map.of("letters.to", "30/30"));
    }

    @Test
    void aSearchThatFailsDoesNotMakeTheRollbackFail() throws IOException {
        deployment.load("letters", gone.stream().map(id -> ConvexObject.of("to", ConvexValue.of(id))));
        deletePeople();
        deployment.install(BackfillFunctions.all().stream().filter(function -> !function.path().endsWith(":page"))
                .toList());

        assertThat(command("rollback", "purge")).isZero();

        RunState state = inRepository(stores -> stores.runs().find(ROLLBACK).orElseThrow().state());
        assertThat(state).isEqualTo(RunState.COMPLETED);
        assertThat(search().isComplete()).isFalse();
        assertThat(search().holder()).isNull();
        assertThat(command("references", ROLLBACK)).isEqualTo(ExitCode.FAILED);
        deployment.install(BackfillFunctions.all());
        assertThat(command("references", ROLLBACK)).isEqualTo(ExitCode.COMPLETED_WITH_QUARANTINE);
        assertThat(found()).isEqualTo(Map.of("letters.to", "30/30"));
    }

    @Test
    void whatHasNoNewIdsIsRefused() throws IOException {
        deletePeople();
        assertThat(command("run", Files.writeString(folder.resolve("set.yaml"), """
                apiVersion: backfill/v1
                name: set
                table: people
                transform: [{ set: { field: x, value: 1 } }]
                """).toString())).isZero();
        assertThat(command("rollback", "set")).isZero();

        assertThat(command("references", "purge")).isEqualTo(ExitCode.REFUSED);
        assertThat(command("references", "set-rollback-1")).isEqualTo(ExitCode.REFUSED);
        assertThat(command("references", "unknown")).isEqualTo(ExitCode.REFUSED);
        assertThat(command("references", "purge", "--limit", "-1")).isEqualTo(ExitCode.REFUSED);
    }

    @Test
    void nothingIsLeftOfItAfterAPurge() throws IOException {
        deployment.load("letters", gone.stream().map(id -> ConvexObject.of("to", ConvexValue.of(id))));
        deletePeople();
        assertThat(command("rollback", "purge")).isZero();

        assertThat(command("purge", "purge", "--yes")).isZero();

        for (String table : List.of("backfill_reference_search", "backfill_reference_table",
                "backfill_reference_field", "backfill_reference")) {
            long rows = inRepository(
                    stores -> stores.jdbc().sql("select count(*) from " + table).query(Long.class).single());
            assertThat(rows).as(table).isZero();
        }
    }
}
