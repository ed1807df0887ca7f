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
package dev.convexbackfill.readerswriters.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.IndexSlice;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.reader.DocumentsById;
import dev.convexbackfill.readerswriters.reader.PageSource.Page;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class IndexSearchTest {

    private static final String SCHEMA = """
            {"schemaValidation": false, "tables": [{"tableName": "users", "searchIndexes": [], "vectorIndexes": [],
              "indexes": [{"indexDescriptor": "by_city", "fields": ["city", "age"]}], "documentType": null}]}""";
    private static final String RUN = "r";
    private static final Throttle THROTTLE = new Throttle(Plan.Throttle.DEFAULT);
    /** Values that indexes order, but CEL would not: missing, null, int64, numbers, texts. */
    private static final List<@Nullable ConvexValue> AGES = Stream.of(null, ConvexNull.NULL, ConvexValue.int64(18),
            ConvexValue.number(-0.0), ConvexValue.number(0), ConvexValue.number(18), ConvexValue.number(64.5),
            ConvexValue.number(Double.NaN), ConvexValue.of(true), ConvexValue.of("18"), ConvexValue.of("\uFFFD"),
            ConvexValue.of("\uD83D\uDE00")).toList();

    private final LocalDeployment deployment = LocalDeployment.builder().start();
    private final ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();

    @TempDir
    private Path folder;

    private @Nullable TestRepository repository;

    IndexSearchTest() {
        deployment.pushSchema(SCHEMA);
    }

    @AfterEach
    void close() {
        client.close();
        deployment.close();
        if (repository != null) {
            repository.close();
        }
    }

    private SelectionStore store(TestDatabase.Kind kind) {
        repository = TestRepository.create(kind, folder);
        return new SelectionStore(new JdbcTemplate(repository.dataSource()),
                new TransactionTemplate(new JdbcTransactionManager(repository.dataSource())));
    }

    private static IndexSlice slice(String where) {
        return Objects.requireNonNull(PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: r
                table: users
                transform: [{ drop: a }]
                where: %s
                """.formatted(where)).where().slice());
    }

    private DocumentSearch search(IndexSlice slice, boolean orderStays) {
        return new DocumentSearch(new IndexPages(client, "backfill", "users", slice), orderStays);
    }

    private void load(int documents, Random random) {
        deployment.load("users", IntStream.range(0, documents).mapToObj(n -> {
            ConvexObject.Builder user = ConvexObject.builder();
            ConvexValue age = AGES.get(random.nextInt(AGES.size()));
            if (age != null) {
                user.put("age", age);
            }
            return user.put("city", random.nextInt(3) == 0 ? "Lyon" : "Paris").put("n", n).build();
        }));
    }

    private List<String> ids(IndexSlice slice) {
        List<String> ids = new ArrayList<>();
        deployment.forEach("users", user -> {
            if (slice.contains(user)) {
                ids.add(user.string("_id"));
            }
        });
        return ids.stream().sorted().toList();
    }

    private void appWrites(String id, Map<String, ? extends @Nullable ConvexValue> fields) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            transaction.patch(id, fields);
            transaction.commit();
        }
    }

    private void appDeletes(String id) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            transaction.delete(id);
            transaction.commit();
        }
    }

    private List<String> found(SelectionStore store) {
        return store.next(RUN, null, null, 100_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "{ index: by_city, equals: { city: Paris } }",
            "{ index: by_city, equals: { city: Paris, age: { $missing: true } } }",
            "{ index: by_city, equals: { city: Lyon, age: { $int64: 18 } } }",
            "{ index: by_city, equals: { city: Paris }, range: { field: age, from: 0, before: 64.5 } }",
            "{ index: by_city, equals: { city: Paris }, range: { field: age, after: null, through: true } }",
            "{ index: by_city, equals: { city: Paris }, range: { field: age, after: \uFFFD } }",
            "{ index: by_city, equals: { city: Paris }, range: { field: age, before: { $int64: 19 } } }",
            "{ index: by_city, range: { field: city, after: Lyon } }",
            "{ index: by_city, equals: { city: Berlin } }",
            "{ createdFrom: 2000-01-01 }",
            "{ createdBefore: 2000-01-01 }"})
    void whatTheIndexFindsIsWhatTheConditionSelects(String where) throws JobInterruptedException {
        load(300, new Random(5));
        SelectionStore store = store(TestDatabase.Kind.H2);

        search(slice(where), false).complete(RUN, store, THROTTLE, CallOptions.DEFAULT);

        assertThat(found(store)).isEqualTo(ids(slice(where)));
        assertThat(store.progress(RUN).found()).isEqualTo(ids(slice(where)).size());
    }

    @ParameterizedTest
    @EnumSource
    void whatWasFoundIsReadByIdFromAnyPositionToAnyOther(TestDatabase.Kind kind) throws JobInterruptedException {
        load(5000, new Random(6));
        IndexSlice paris = slice("{ index: by_city, equals: { city: Paris } }");
        SelectionStore store = store(kind);
        search(paris, false).complete(RUN, store, THROTTLE, CallOptions.DEFAULT);
        List<String> all = ids(paris);
        // a whole page of documents that are gone does not end the range
        all.subList(100, 900).forEach(this::appDeletes);
        List<String> left = ids(paris);
        DocumentsById pages = new DocumentsById((after, through, limit) -> store.next(RUN, after, through, limit),
                new Ledger(client, CallOptions.DEFAULT, "backfill"),
                1 << 20);

        List<String> read = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        for (Range range : Range.cut(10001, 7)) {
            String position = range.after();
            boolean isLast = false;
            while (!isLast) {
                Page page = pages.read(position, range.through(), CallOptions.DEFAULT);
                page.documents().forEach(document -> read.add(document.string("_id")));
                isLast = page.isLast();
                gone.addAll(page.gone());
                assertThat(isLast || page.end() != null).isTrue();
                position = page.end();
            }
        }

        assertThat(read).isEqualTo(left);
        assertThat(gone).isEqualTo(all.subList(100, 900));
        assertThat(store.next("another", null, null, 10)).isEmpty();
    }

    @Test
    void aDocumentThatMovesBehindTheSearchIsFoundInTheNextPass() throws JobInterruptedException {
        // more than a page, in the order of age
        deployment.load("users", IntStream.range(0, 4500).mapToObj(
                n -> ConvexObject.of("city", ConvexValue.of("Paris"), "age", ConvexValue.number(n))));
        IndexSlice paris = slice("{ index: by_city, equals: { city: Paris } }");
        SelectionStore store = store(TestDatabase.Kind.H2);
        List<ConvexObject> oldest = new ArrayList<>();
        deployment.forEach("users", user -> {
            if (user.number("age") >= 4400) {
                oldest.add(user);
            }
        });
        StopSignal stop = StopSignal.never();

        // the app makes the oldest the youngest once the search is under way
        interruptedAfterOnePage(paris, store);
        oldest.forEach(user -> appWrites(user.string("_id"), Map.of("age", ConvexValue.number(-user.number("age")))));
        search(paris, false).complete(RUN, store, THROTTLE, CallOptions.DEFAULT.withStop(stop));

        assertThat(found(store)).hasSize(4500).isEqualTo(ids(paris));
        assertThat(store.progress(RUN).pass()).isEqualTo(2);
    }

    /** Leaves a search that has stored the first of its pages. */
    private void interruptedAfterOnePage(IndexSlice slice, SelectionStore store) {
        StopSignal stop = StopSignal.never();
        Thread.ofVirtual().start(() -> {
            while (store.progress(RUN).version() == 0) {
                Thread.onSpinWait();
            }
            stop.give("enough");
        });
        assertThatThrownBy(
                () -> search(slice, false).complete(RUN, store, THROTTLE, CallOptions.DEFAULT.withStop(stop)))
                .hasMessageMatching(".*(enough|abandoned because of a stop).*");
    }

    @Test
    void anOrderThatStaysIsGoneThroughOnce() throws JobInterruptedException {
        load(300, new Random(7));
        SelectionStore store = store(TestDatabase.Kind.H2);

        search(slice("{ createdFrom: 2000-01-01 }"), true).complete(RUN, store, THROTTLE, CallOptions.DEFAULT);

        assertThat(store.progress(RUN).pass()).isZero();
        assertThat(found(store)).hasSize(300);
    }

    @ParameterizedTest
    @EnumSource
    void ofTwoSearchesForOneRunOnlyOneGoesOn(TestDatabase.Kind kind) {
        SelectionStore store = store(kind);
        SelectionStore.Progress first = store.add(RUN, store.progress(RUN), List.of("a"), now -> now.at("x"));
        store.add(RUN, first, List.of("a", "b"), SelectionStore.Progress::complete);

        assertThatThrownBy(() -> store.add(RUN, first, List.of("c"), now -> now.at("y")))
                .hasMessage("Another process looks for the documents of run 'r'; this one has stopped");
        assertThat(found(store)).containsExactly("a", "b");
        assertThat(store.progress(RUN).found()).isEqualTo(2);
        assertThat(store.progress(RUN).isComplete()).isTrue();
    }

    @Test
    void rangesAreEvenHoweverUnevenTheSelectedFieldIs() throws JobInterruptedException {
        // nine in ten have the same age, and all were made within a moment
        deployment.load("users", IntStream.range(0, 8000).mapToObj(n -> ConvexObject.of("city",
                ConvexValue.of("Paris"), "age", ConvexValue.number(n % 10 == 0 ? n : 30))));
        SelectionStore store = store(TestDatabase.Kind.H2);

        search(slice("{ index: by_city, equals: { city: Paris }, range: { field: age, from: 30 } }"), false)
                .complete(RUN, store, THROTTLE, CallOptions.DEFAULT);

        assertThat(Range.cut(10001, 16)).allSatisfy(
                range -> assertThat(store.next(RUN, range.after(), range.through(), 8000)).hasSizeBetween(350, 650));
    }
}
