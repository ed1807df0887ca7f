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

import static dev.convexbackfill.local.function.FunctionDefinition.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Source;
import dev.convexbackfill.config.plan.Source.Pagination;
import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.Database;
import dev.convexbackfill.local.function.Database.Page;
import dev.convexbackfill.local.function.Database.PageOptions;
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.function.FunctionDefinition.DatabaseBody;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What a query of the app's own returns is found, whichever of the two forms it has; what it may not return is said. */
class FunctionPagesTest {

    private static final String RUN = "r";
    private static final int USERS = 1300;
    private static final Throttle THROTTLE = new Throttle(Plan.Throttle.DEFAULT);

    private final AtomicInteger calls = new AtomicInteger();
    private volatile Consumer<ConvexObject> onCall = _ -> {};
    private volatile @Nullable DatabaseBody answer;
    private final LocalDeployment deployment = LocalDeployment.builder().alsoFunctions(List.of(
            query("app:batch", Visibility.PUBLIC, Validator.ANY, this::batch))).start();
    private final ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();

    @TempDir
    private Path folder;

    private @Nullable TestRepository repository;

    FunctionPagesTest() {
        deployment.load("users", IntStream.range(0, USERS).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n),
                "team", ConvexValue.of(n % 3 == 0 ? "red" : "blue"))));
        deployment.load("pets", IntStream.range(0, 3).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n))));
    }

    @AfterEach
    void close() {
        client.close();
        deployment.close();
        if (repository != null) {
            repository.close();
        }
    }

    private SelectionStore store() {
        TestRepository created = TestRepository.create(TestDatabase.Kind.H2, folder);
        repository = created;
        return new SelectionStore(new JdbcTemplate(created.dataSource()),
                new TransactionTemplate(new JdbcTransactionManager(created.dataSource())));
    }

    private ConvexValue batch(Database db, ConvexObject args) {
        calls.incrementAndGet();
        onCall.accept(args);
        DatabaseBody other = answer;
        return other == null ? pageOf(db, args) : other.run(db, args);
    }

    /** The users of a team, in the form that was asked for; as ids alone where only they are wanted. */
    private static ConvexValue pageOf(Database db, ConvexObject args) {
        boolean isConvex = args.has("paginationOpts");
        ConvexObject options = isConvex ? args.object("paginationOpts") : args;
        Page page = db.paginate(new PageQuery("users", "by_creation_time", IndexBounds.ALL, false),
                new PageOptions((int) options.number(isConvex ? "numItems" : "limit"),
                        options.optionalString("cursor"), 0, 0));
        List<ConvexValue> items = new ArrayList<>();
        for (ConvexObject user : page.documents()) {
            if (user.require("team").equals(args.get("team"))) {
                items.add(args.has("onlyIds") ? user.require("_id") : user.with("joined", ConvexValue.of("more")));
            }
        }
        if (isConvex) {
            return ConvexObject.builder().put("page", ConvexValue.array(items)).put("isDone", page.isDone())
                    .put("continueCursor", page.continueCursor()).build();
        }
        ConvexObject result = ConvexObject.of("items", ConvexValue.array(items));
        return page.isDone() ? result : result.with("nextCursor", ConvexValue.of(page.continueCursor()));
    }

    private DocumentSearch search(Pagination pagination, ConvexObject args) {
        return new DocumentSearch(pages(pagination, args), false);
    }

    private FunctionPages pages(Pagination pagination, ConvexObject args) {
        return new FunctionPages(client, new Source(new FunctionPath("app:batch"), args, pagination), "users",
                tableNumber("users"));
    }

    private static long tableNumber(String table) {
        return table.equals("users") ? 10001 : 10002;
    }

    private List<String> team(String team) {
        List<String> ids = new ArrayList<>();
        deployment.forEach("users", user -> {
            if (user.string("team").equals(team)) {
                ids.add(user.string("_id"));
            }
        });
        return ids.stream().sorted().toList();
    }

    private static ConvexObject red() {
        return ConvexObject.of("team", ConvexValue.of("red"));
    }

    @ParameterizedTest
    @CsvSource({"PAGINATION_OPTS, false", "PAGINATION_OPTS, true", "NEXT_CURSOR, false", "NEXT_CURSOR, true"})
    void whatTheQueryReturnsIsFound(Pagination pagination, boolean onlyIds) throws JobInterruptedException {
        SelectionStore store = store();

        search(pagination, onlyIds ? red().with("onlyIds", ConvexValue.of(true)) : red()).complete(RUN, store, THROTTLE,
                CallOptions.DEFAULT);

        assertThat(store.next(RUN, null, null, 10_000)).isEqualTo(team("red"));
        assertThat(store.progress(RUN).isComplete()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aSearchThatWasLeftGoesOnWhereItWas(Pagination pagination) throws JobInterruptedException {
        SelectionStore store = store();
        StopSignal stop = StopSignal.never();
        onCall = _ -> {
            if (calls.get() == 2) {
                stop.give("enough");
            }
        };
        assertThatThrownBy(() -> search(pagination, red()).complete(RUN, store, THROTTLE,
                CallOptions.DEFAULT.withStop(stop)))
                .hasMessageMatching(".*(enough|abandoned because of a stop).*");
        String cursor = Objects.requireNonNull(store.progress(RUN).cursor());
        List<String> asked = new ArrayList<>();
        onCall = args -> asked.add(pagination == Pagination.NEXT_CURSOR ? args.optionalString("cursor")
                : args.object("paginationOpts").optionalString("cursor"));

        search(pagination, red()).complete(RUN, store, THROTTLE, CallOptions.DEFAULT);

        assertThat(asked.getFirst()).isEqualTo(cursor);
        assertThat(store.next(RUN, null, null, 10_000)).isEqualTo(team("red"));
    }

    @Test
    void whereACursorIsTakenNoMoreTheQueryIsGoneThroughFromItsBeginning() throws JobInterruptedException {
        SelectionStore store = store();
        AtomicInteger refusals = new AtomicInteger();
        answer = (db, args) -> {
            if (calls.get() == 3 && args.object("paginationOpts").optionalString("cursor") != null) {
                refusals.incrementAndGet();
                throw new FunctionFailedException(
                        ConvexObject.of("paginationError", ConvexValue.of("InvalidCursor")));
            }
            return pageOf(db, args);
        };

        search(Pagination.PAGINATION_OPTS, red()).complete(RUN, store, THROTTLE, CallOptions.DEFAULT);

        assertThat(refusals.get()).isEqualTo(1);
        assertThat(store.next(RUN, null, null, 10_000)).isEqualTo(team("red"));
    }

    private void requireRefused(Pagination pagination, ConvexValue returned, String message) {
        answer = (_, _) -> returned;
        assertThatThrownBy(() -> pages(pagination, red()).read(null, 10, CallOptions.DEFAULT))
                .isInstanceOf(InvalidSourceException.class).hasMessage(message);
    }

    private static ConvexObject items(ConvexValue... items) {
        return ConvexObject.of("items", ConvexValue.array(items));
    }

    @Test
    void anAnswerOfAnotherFormIsNamed() {
        requireRefused(Pagination.PAGINATION_OPTS, items(),
                "The query 'app:batch' returned an object with the fields [items] as page 1, where { page, isDone,"
                        + " continueCursor } is wanted. Correct the query; or set source.pagination to nextCursor, if it"
                        + " returns { items, nextCursor }. Nothing was written.");
        requireRefused(Pagination.NEXT_CURSOR, ConvexNull.NULL,
                "The query 'app:batch' returned null as page 1, where { items, nextCursor }, with a text, null or nothing"
                        + " as nextCursor is wanted. Correct the query; or set source.pagination to paginationOpts, if it"
                        + " returns { page, isDone, continueCursor }. Nothing was written.");
        requireRefused(Pagination.NEXT_CURSOR, items().with("nextCursor", ConvexValue.number(5)),
                "The query 'app:batch' returned an object with the fields [items, nextCursor] as page 1, where { items,"
                        + " nextCursor }, with a text, null or nothing as nextCursor is wanted. Correct the query; or set"
                        + " source.pagination to paginationOpts, if it returns { page, isDone, continueCursor }. Nothing was"
                        + " written.");
    }

    @Test
    void anItemThatIsNoDocumentOfTheTableIsNamed() {
        String user = team("red").getFirst();
        List<String> pets = new ArrayList<>();
        deployment.forEach("pets", pet -> pets.add(pet.string("_id")));
        String end = ". It must return documents of 'users', or their ids. Nothing was written.";
        requireRefused(Pagination.NEXT_CURSOR, items(ConvexValue.of(user), ConvexValue.of(pets.getFirst())),
                "Item 2 on page 1 of the query 'app:batch' has the id '%s', which is of another table%s"
                        .formatted(pets.getFirst(), end));
        requireRefused(Pagination.NEXT_CURSOR, items(ConvexValue.of("ada@example.com")),
                "Item 1 on page 1 of the query 'app:batch' has 'ada@example.com' for an id, which is none" + end);
        requireRefused(Pagination.NEXT_CURSOR, items(ConvexObject.of("id", ConvexValue.of(user))),
                "Item 1 on page 1 of the query 'app:batch' is a document without an _id" + end);
        requireRefused(Pagination.NEXT_CURSOR, items(ConvexValue.number(7)),
                "Item 1 on page 1 of the query 'app:batch' is number, and neither a document nor an id" + end);
    }

    @Test
    void aQueryThatGoesRoundInCirclesIsFoundOut() {
        SelectionStore store = store();
        answer = (_, args) -> {
            String cursor = args.optionalString("cursor");
            int at = cursor == null ? 0 : Integer.parseInt(cursor);
            return items().with("nextCursor", ConvexValue.of(Integer.toString(at < 20 ? at + 1 : 7)));
        };

        assertThatThrownBy(
                () -> search(Pagination.NEXT_CURSOR, red()).complete(RUN, store, THROTTLE, CallOptions.DEFAULT))
                .isInstanceOf(InvalidSourceException.class)
                .hasMessageMatching(
                        "The query 'app:batch' returned the same place in its results again on page \\d+, so"
                                + " that it would never come to an end\\. It must go on from the cursor that it is given\\."
                                + " Nothing was written\\.");
        assertThat(calls.get()).isLessThan(60);
    }

    @Test
    void aPageThatIsTooMuchForTheQueryIsAskedForAgainWithFewerDocuments() throws JobInterruptedException {
        SelectionStore store = store();
        answer = (db, args) -> {
            if (args.number("limit") > 100) {
                throw new FunctionFailedException("Uncaught Error: Too many bytes read in a single function execution");
            }
            return pageOf(db, args);
        };

        search(Pagination.NEXT_CURSOR, red()).complete(RUN, store, THROTTLE, CallOptions.DEFAULT);

        assertThat(store.next(RUN, null, null, 10_000)).isEqualTo(team("red"));
    }
}
