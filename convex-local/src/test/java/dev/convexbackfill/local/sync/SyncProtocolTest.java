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
package dev.convexbackfill.local.sync;

import static dev.convexbackfill.local.sync.RawClient.SESSION;
import static dev.convexbackfill.local.sync.RawClient.add;
import static dev.convexbackfill.local.sync.RawClient.timestamp;
import static dev.convexbackfill.local.sync.RawClient.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.local.function.Database.PageOptions;
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.function.LogLines;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.Timestamps;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyncProtocolTest {

    private static final Validator.ObjectOf NAME = Validator.object().field("name", Validator.STRING);

    private final CountDownLatch slowStarted = new CountDownLatch(1);
    private final CountDownLatch slowMayEnd = new CountDownLatch(1);
    private final Semaphore actionsMeet = new Semaphore(0);

    private final LocalDeployment deployment = LocalDeployment.builder()
            .adminKey(new DeployKey("local|secret"))
            .functions(List.of(
                    FunctionDefinition.mutation("m:add", Visibility.PUBLIC, NAME, (db, args) -> ConvexValue.of(
                            db.insert("things", ConvexObject.of("name", args.require("name"))))),
                    FunctionDefinition.query("m:count", Visibility.PUBLIC, Validator.object(),
                            (db, _) -> ConvexValue.number((double) db.count("things"))),
                    FunctionDefinition.query("m:others", Visibility.PUBLIC, Validator.object(),
                            (db, _) -> ConvexValue.number((double) db.count("others"))),
                    FunctionDefinition.query("m:exact", Visibility.PUBLIC, Validator.object(),
                            (_, _) -> ConvexValue.int64(5)),
                    FunctionDefinition.query("m:internal", Visibility.INTERNAL, Validator.object(),
                            (_, _) -> ConvexValue.of("internal")),
                    FunctionDefinition.query("m:page", Visibility.PUBLIC, Validator.object(),
                            (db, _) -> db.paginate(new PageQuery("things", "by_creation_time", IndexBounds.ALL, false),
                                    new PageOptions(2, null, 0, 0)).toObject()),
                    FunctionDefinition.mutation("m:refuse", Visibility.PUBLIC, Validator.object(), (db, _) -> {
                        db.insert("things", ConvexObject.EMPTY);
                        throw new FunctionFailedException(ConvexObject.of("n", ConvexValue.int64(7)));
                    }),
                    FunctionDefinition.query("m:failing", Visibility.PUBLIC, Validator.object(), (db, _) -> {
                        throw new FunctionFailedException(ConvexValue.of("%d things".formatted(db.count("things"))));
                    }),
                    FunctionDefinition.mutation("m:slow", Visibility.PUBLIC, Validator.object(), (_, _) -> {
                        slowStarted.countDown();
                        awaitEnd(slowMayEnd);
                        return ConvexNull.NULL;
                    }),
                    new FunctionDefinition("m:meet", FunctionKind.ACTION, Visibility.PUBLIC, Validator.object(),
                            Validator.ANY, (_, _) -> {
                                actionsMeet.release();
                                // ends only if the other runs at the same time
                                acquire(actionsMeet);
                                actionsMeet.release();
                                return ConvexValue.of("met");
                            }),
                    new FunctionDefinition("m:who", FunctionKind.QUERY, Visibility.PUBLIC, Validator.object(),
                            Validator.ANY, (context, _) -> {
                                context.log().add(LogLines.Level.LOG, "'asked'");
                                ConvexObject user = context.user();
                                return user == null ? ConvexNull.NULL : user.require("tokenIdentifier");
                            })))
            .start();
    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void close() {
        slowMayEnd.countDown();
        clients.forEach(RawClient::close);
        deployment.close();
    }

    private static void awaitEnd(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static void acquire(Semaphore both) {
        try {
            both.acquire(2);
            both.release();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private RawClient client() {
        RawClient client = new RawClient(deployment.url());
        clients.add(client);
        return client;
    }

    private static ConvexObject only(ConvexObject transition) {
        assertThat(transition.array("modifications").size()).as("%s", transition).isEqualTo(1);
        return (ConvexObject) transition.array("modifications").get(0);
    }

    private static void addThing(RawClient client, int requestId) {
        client.mutation(requestId, "m:add", "{\"name\":\"x\"}");
    }

    @Test
    void eachTransitionBeginsWhereTheLastOneEnded() {
        RawClient client = client().connect().authenticate(0, "local|secret").modify(0, add(0, "m:count", "{}"))
                .modify(1, add(1, "m:exact", "{}")).modify(2, "{\"type\":\"Remove\",\"queryId\":0}").modify(3, "");

        Set<String> results = new HashSet<>();
        String end = "0/0";
        long time = 0;
        while (!end.equals("4/1")) {
            ConvexObject transition = client.next("Transition");
            assertThat(version(transition, "startVersion")).isEqualTo(end);
            assertThat(timestamp(transition, "startVersion")).isEqualTo(time);
            end = version(transition, "endVersion");
            time = timestamp(transition, "endVersion");
            transition.array("modifications").forEach(each -> results.add(
                    ((ConvexObject) each).string("type") + ((ConvexObject) each).wholeNumber("queryId")));
            assertThat(transition.names()).contains("serverTs", "clientClockSkew");
        }
        assertThat(results).contains("QueryUpdated1", "QueryRemoved0");
        assertThat(time).isEqualTo(deployment.store().timestamp());
    }

    @Test
    void aCommitRerunsTheQueriesThatReadWhatItWroteAndNoOthers() {
        RawClient client = client().connect().modify(0, add(0, "m:count", "{}") + "," + add(1, "m:others", "{}")
                + "," + add(2, "m:exact", "{}"));
        assertThat(client.nextChange().array("modifications").size()).isEqualTo(3);

        addThing(client().connect(), 0);

        ConvexObject change = only(client.nextChange());
        assertThat(change.toString()).contains("QueryUpdated");
        assertThat(change.wholeNumber("queryId")).isZero();
        assertThat(change.number("value")).isEqualTo(1.0);
        assertThat(change.array("logLines").size()).isZero();
        assertThat(change.require("journal")).isEqualTo(ConvexNull.NULL);
    }

    @Test
    void aMutationIsAnsweredBeforeTheTransitionThatShowsIt() {
        RawClient client = client().connect().modify(0, add(0, "m:count", "{}"));
        assertThat(only(client.nextChange()).number("value")).isZero();

        for (int i = 0; i < 50; i++) {
            addThing(client, i);
            // nothing that shows the write may come before the answer
            List<ConvexObject> before = client.until("MutationResponse");
            ConvexObject response = before.removeLast();
            assertThat(before).allMatch(message -> message.array("modifications").size() == 0);
            assertThat(response.bool("success")).isTrue();
            assertThat(response.wholeNumber("requestId")).isEqualTo(i);
            long committed = Timestamps.decode(response.string("ts"));
            ConvexObject transition = client.nextChange();
            assertThat(timestamp(transition, "endVersion")).isGreaterThanOrEqualTo(committed);
            assertThat(only(transition).number("value")).isEqualTo(i + 1.0);
        }
    }

    @Test
    void everyAnswerIsFollowedByATransitionEvenIfNothingIsWatched() {
        RawClient client = client().connect();
        addThing(client, 0);
        long committed = Timestamps.decode(client.next("MutationResponse").string("ts"));
        assertThat(timestamp(client.next("Transition"), "endVersion")).isGreaterThanOrEqualTo(committed);

        client.mutation(1, "m:refuse", "{}");
        ConvexObject refused = client.next("MutationResponse");
        client.next("Transition");
        assertThat(refused.bool("success")).isFalse();
        assertThat(refused.string("result")).matches("(?s)\\[Request ID: \\w+] Server Error\nUncaught ConvexError.*");
        assertThat(refused.object("errorData").require("n")).isEqualTo(ConvexValue.int64(7));
        assertThat(refused.require("ts")).isEqualTo(ConvexNull.NULL);
        assertThat(refused.array("logLines").size()).isZero();
    }

    @Test
    void aFailureOfAQueryIsAResultThatChangesToo() {
        RawClient client = client().connect().modify(0, add(0, "m:failing", "{}"));
        ConvexObject failed = only(client.nextChange());
        assertThat(failed.string("type")).isEqualTo("QueryFailed");
        assertThat(failed.string("errorData")).isEqualTo("0 things");

        addThing(client, 0);
        assertThat(only(client.nextChange()).string("errorData")).isEqualTo("1 things");
    }

    @Test
    void errorsWithoutDataHaveNone() {
        RawClient client = client().connect().modify(0, add(0, "m:gone", "{}") + "," + add(1, "m:count", "{\"a\":1}")
                + "," + add(2, "m:add", "{}") + "," + add(3, "_system/cli/tables", "{}")
                + "," + add(4, "m:count", "{\"$odd\":1}"));
        ConvexArray failures = client.nextChange().array("modifications");

        List<String> messages = failures.values().stream().map(each -> ((ConvexObject) each).string("errorMessage"))
                .toList();
        assertThat(messages).satisfiesExactly(
                gone -> assertThat(gone).contains("Could not find public function for 'm:gone'."),
                args -> assertThat(args).contains("ArgumentValidationError"),
                kind -> assertThat(kind).contains("Trying to execute m:add as Query, but it is defined as Mutation."),
                system -> assertThat(system).contains("Operation query not permitted"),
                odd -> assertThat(odd).contains("Invalid arguments"));
        assertThat(failures.values()).noneMatch(each -> ((ConvexObject) each).has("errorData"));
    }

    @Test
    void aResultThatIsTheSameIsNotSentAgain() {
        RawClient client = client().connect().modify(0, add(0, "m:page", "{}"));
        for (int i = 0; i < 3; i++) {
            addThing(client, i);
            client.until("MutationResponse");
        }
        RawClient late = client().connect().modify(0, add(7, "m:page", "{}"));
        late.nextChange();

        addThing(late, 100);
        late.next("MutationResponse");
        ConvexObject transition = late.next("Transition");
        assertThat(transition.array("modifications").size()).as("a full page does not change").isZero();
    }

    @Test
    void aPageEndsWhereItEndedTheFirstTime() {
        RawClient client = client().connect().modify(0, add(0, "m:page", "{}"));
        ConvexObject empty = only(client.nextChange());
        String journal = empty.string("journal");
        assertThat(empty.object("value").bool("isDone")).isTrue();

        for (int i = 0; i < 3; i++) {
            addThing(client, i);
            assertThat(only(client.nextChange()).object("value").array("page").size())
                    .as("the page reaches to the end for good").isEqualTo(i + 1);
        }
        // a client that comes back brings its journal along
        RawClient again = client().connect().modify(0, """
                {"type":"Add","queryId":0,"udfPath":"m:page","args":[{}],"journal":"%s"}""".formatted(journal));
        assertThat(only(again.nextChange()).object("value").array("page").size()).isEqualTo(3);
        RawClient fresh = client().connect().modify(0, add(0, "m:page", "{}"));
        assertThat(only(fresh.nextChange()).object("value").array("page").size()).isEqualTo(2);
        RawClient lying = client().connect().modify(0, """
                {"type":"Add","queryId":0,"udfPath":"m:page","args":[{}],"journal":"00"}""");
        assertThat(only(lying.nextChange()).string("errorMessage")).contains("InvalidCursor");
    }

    @Test
    void aMutationThatIsSentAgainIsAnsweredAgainAndNotCarriedOut() {
        RawClient first = client().connect();
        addThing(first, 5);
        ConvexObject answer = first.next("MutationResponse");
        first.close();

        RawClient second = client().connect(SESSION, 1);
        addThing(second, 5);
        assertThat(second.next("MutationResponse")).isEqualTo(answer);
        addThing(second, 6);
        second.until("MutationResponse");
        RawClient other = client().connect("00000000-0000-4000-8000-000000000000", 0);
        addThing(other, 5);
        assertThat(other.next("MutationResponse").require("result")).isNotEqualTo(answer.require("result"));

        second.modify(0, add(0, "m:count", "{}"));
        assertThat(only(second.nextChange()).number("value")).isEqualTo(3.0);
    }

    @Test
    void aMutationThatFailedIsCarriedOutAgain() {
        RawClient client = client().connect();
        client.mutation(0, "m:refuse", "{}").next("MutationResponse");
        client.until("Transition");

        addThing(client, 0);
        assertThat(client.until("MutationResponse").getLast().bool("success")).isTrue();
    }

    @Test
    void mutationsOfASocketRunOneAfterAnotherAndActionsTogether() {
        RawClient client = client().connect();
        client.mutation(0, "m:slow", "{}");
        for (int i = 1; i <= 20; i++) {
            addThing(client, i);
        }
        awaitEnd(slowStarted);
        // actions overtake what waits, and each other
        client.action(21, "m:meet", "{}").action(22, "m:meet", "{}");
        Set<Long> met = new HashSet<>();
        while (met.size() < 2) {
            ConvexObject response = client.until("ActionResponse").getLast();
            assertThat(response.string("result")).isEqualTo("met");
            met.add(response.wholeNumber("requestId"));
        }
        slowMayEnd.countDown();

        List<Long> order = new ArrayList<>();
        while (order.size() < 21) {
            order.add(client.until("MutationResponse").getLast().wholeNumber("requestId"));
        }
        assertThat(order).isEqualTo(IntStream.rangeClosed(0, 20).mapToObj(Long::valueOf).toList());
    }

    @Test
    void tooManyMutationsEndTheSocket() {
        RawClient client = client().connect().mutation(0, "m:slow", "{}");
        awaitEnd(slowStarted);
        for (int i = 1; i <= 1001; i++) {
            addThing(client, i);
        }
        assertThat(client.closedInTheEnd()).isEqualTo("1013 TooManyConcurrentMutations");
    }

    @Test
    void theKeyOpensInternalFunctionsAndOnlyItself() {
        RawClient client = client().connect().modify(0, add(0, "m:internal", "{}"));
        assertThat(only(client.nextChange()).string("errorMessage")).contains("Could not find public function");

        client.authenticate(0, "prod:local|secret");
        assertThat(only(client.nextChange()).string("value")).isEqualTo("internal");
        client.send("{\"type\":\"Authenticate\",\"baseVersion\":1,\"tokenType\":\"None\"}");
        assertThat(only(client.nextChange()).string("type")).isEqualTo("QueryFailed");

        client.authenticate(2, "local|wrong");
        ConvexObject error = client.next("AuthError");
        assertThat(error.string("error")).contains("admin key was invalid").doesNotContain("wrong");
        assertThat(error.wholeNumber("baseVersion")).isEqualTo(2);
        assertThat(error.bool("authUpdateAttempted")).isTrue();
        assertThat(client.closed()).startsWith("1005");
    }

    @ParameterizedTest
    @CsvSource({"impersonating", "acting_as"})
    void theHolderOfTheKeyActsAsAUser(String field) {
        RawClient client = client().connect().modify(0, add(0, "m:who", "{}"));
        ConvexObject nobody = only(client.nextChange());
        assertThat(nobody.require("value")).isEqualTo(ConvexNull.NULL);
        assertThat(nobody.array("logLines").values()).containsExactly(ConvexValue.of("[LOG] 'asked'"));

        client.send("""
                {"type":"Authenticate","baseVersion":0,"tokenType":"Admin","value":"local|secret",
                "%s":{"issuer":"https://i","subject":"s"}}""".formatted(field));
        assertThat(only(client.nextChange()).string("value")).isEqualTo("https://i|s");

        client.modify(1, add(1, "m:internal", "{}") + "," + add(2, "_system/cli/tables", "{}"));
        ConvexArray results = client.nextChange().array("modifications");
        assertThat(((ConvexObject) results.get(0)).string("value")).isEqualTo("internal");
        assertThat(((ConvexObject) results.get(1)).string("errorMessage")).contains("Operation query not permitted");
    }

    @Test
    void aTokenOfAProviderIsRefusedBecauseThereIsNone() {
        RawClient client = client().connect()
                .send("{\"type\":\"Authenticate\",\"baseVersion\":0,\"tokenType\":\"User\",\"value\":\"a.b.c\"}");

        assertThat(client.next("AuthError").string("error")).contains("No auth provider found");
        assertThat(client.closed()).startsWith("1005");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
            "not json | Received Invalid JSON on websocket",
            "[] | Received Invalid JSON on websocket",
            "{} | missing field `type`",
            "{\"type\":\"Nothing\"} | unknown variant `Nothing`",
            "{\"type\":\"Mutation\",\"requestId\":0,\"udfPath\":\"m:add\"} | missing field `args`",
            "{\"type\":\"Mutation\",\"requestId\":-1,\"udfPath\":\"m:add\",\"args\":[]} | `requestId` is no number",
            "{\"type\":\"Mutation\",\"requestId\":0,\"udfPath\":\":\",\"args\":[]} | not a valid path",
            "{\"type\":\"Connect\",\"sessionId\":\"x\",\"connectionCount\":0} | Invalid JSON",
            "{\"type\":\"Authenticate\",\"baseVersion\":0,\"tokenType\":\"Admin\",\"value\":\"k\",\"impersonating\":{}} | tokenIdentifier",
            "{\"type\":\"ModifyQuerySet\",\"baseVersion\":1,\"newVersion\":2,\"modifications\":[]} | Base version 1 passed up doesn't match the current version 0",
    })
    void whatAClientWouldOnlyDoAgainIsFatal(String message, String error) {
        RawClient client = client().send(message);

        assertThat(client.next("FatalError").string("error")).contains(error);
        assertThat(client.closed()).startsWith("1005");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{\"type\":\"ModifyQuerySet\",\"baseVersion\":0,\"newVersion\":0,\"modifications\":[]}",
            "{\"type\":\"ModifyQuerySet\",\"baseVersion\":0,\"newVersion\":1,\"modifications\":[{\"type\":\"Remove\",\"queryId\":9}]}",
            "{\"type\":\"Authenticate\",\"baseVersion\":1,\"tokenType\":\"None\"}",
            "{\"type\":\"Mutation\",\"requestId\":0,\"udfPath\":\"m:add\",\"args\":[{}],\"componentPath\":\"c\"}",
            "{\"type\":\"Connect\",\"sessionId\":\"5f4fd4f5-0f41-4e08-8f5b-08a7a17e6a1d\",\"connectionCount\":1,\"maxObservedTimestamp\":\"/////////38=\"}",
    })
    void whatNoClientDoesClosesTheSocketAsBroken(String message) {
        assertThat(client().send(message).closed()).isEqualTo("1011 InternalServerError");
    }

    @Test
    void aQueryThatIsAddedTwiceClosesTheSocketAsBroken() {
        RawClient client = client().connect().modify(0, add(0, "m:count", "{}") + "," + add(0, "m:count", "{}"));
        assertThat(client.closed()).isEqualTo("1011 InternalServerError");
    }

    @Test
    void componentsAreNotFound() {
        RawClient client = client().connect().authenticate(0, "local|secret").modify(0, """
                {"type":"Add","queryId":0,"udfPath":"m:count","args":[{}],"componentPath":"c"},
                {"type":"Add","queryId":1,"udfPath":"m:count","args":[{}],"componentPath":""}""");
        ConvexArray results = client.nextChange().array("modifications");
        assertThat(((ConvexObject) results.get(0)).string("errorMessage")).contains("Component path 'c' not found");
        assertThat(((ConvexObject) results.get(1)).number("value")).isZero();
    }

    @Test
    void eventsAndUnknownFieldsAreIgnored() {
        RawClient client = client()
                .send("{\"event\":{\"a\":[1,\"}\"]},\"eventType\":\"ClientConnect\",\"type\":\"Event\",\"more\":-1.5e3}");
        addThing(client, 0);
        assertThat(client.next("MutationResponse").bool("success")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"rateLimited, 1013 TooManyConcurrentRequests, 0", "overloaded, 1013 ExpiredInQueue, 0",
            "conflict, 1013 OptimisticConcurrencyControlFailure, 0", "resetBeforeCommit, 1006, 0",
            "replyLost, 1006, 1"})
    void faultsEndTheSocketAndTheMutationHappensOnceAfterwards(String fault, String closed, int committed) {
        RawClient client = client().connect();
        deployment.setFaults(Faults.fromJson(ConvexObject.of(fault, ConvexValue.number(1), "functions",
                ConvexValue.of("m:add"))));
        addThing(client, 0);
        assertThat(client.closedInTheEnd()).startsWith(closed);
        RawClient looking = client().connect().modify(0, add(0, "m:count", "{}"));
        assertThat(only(looking.nextChange()).number("value")).isEqualTo(committed);

        deployment.setFaults(Faults.NONE);
        RawClient again = client().connect(SESSION, 1);
        addThing(again, 0);
        assertThat(again.next("MutationResponse").bool("success")).isTrue();
        again.modify(0, add(0, "m:count", "{}"));
        assertThat(only(again.nextChange()).number("value")).isEqualTo(1.0);
    }

    @Test
    void aSocketWorksOnAnyPathOfTheProtocol() {
        for (String path : List.of("/api/sync", "/api/1.48.0/sync", "/api/0.20.0/sync", "//api/1.48.0/sync")) {
            try (RawClient client = new RawClient(deployment.url(), path)) {
                client.connect().modify(0, add(0, "m:exact", "{}"));
                assertThat(only(client.nextChange()).require("value")).isEqualTo(new ConvexInt64(5));
            }
        }
    }

    @Test
    void newFunctionsRunForThoseWhoWatchOldOnes() {
        RawClient client = client().connect().modify(0, add(0, "m:exact", "{}"));
        assertThat(only(client.nextChange()).require("value")).isEqualTo(ConvexValue.int64(5));

        deployment.install(List.of(FunctionDefinition.query("m:exact", Visibility.PUBLIC, Validator.object(),
                (_, _) -> ConvexValue.int64(6))));

        assertThat(only(client.nextChange()).require("value")).isEqualTo(ConvexValue.int64(6));
    }

    @Test
    void closingTheDeploymentClosesItsSockets() {
        RawClient client = client().connect().modify(0, add(0, "m:count", "{}"));
        client.nextChange();

        deployment.close();

        assertThat(client.closedInTheEnd()).startsWith("1001");
    }

    @Test
    void aLargeTransitionComesInPartsToThoseWhoCanPutThemTogether() {
        String big = "ü€🗼".repeat(700_000 / 3);
        deployment.install(List.of(FunctionDefinition.query("m:big", Visibility.PUBLIC, Validator.object(),
                (_, _) -> ConvexValue.array(IntStream.range(0, 3).mapToObj(_ -> ConvexValue.of(big)).toList()))));
        RawClient client = client().connect().modify(0, add(0, "m:big", "{}"));
        StringBuilder whole = new StringBuilder();
        @Nullable
        ConvexObject part;
        int number = 0;
        do {
            part = client.until("TransitionChunk").getLast();
            assertThat(part.wholeNumber("partNumber")).isEqualTo(number++);
            whole.append(part.string("chunk"));
        } while (number < part.wholeNumber("totalParts"));
        assertThat(number).isGreaterThan(1);
        assertThat(whole.toString()).startsWith("{\"type\":\"Transition\"").contains(big).endsWith("}");

        try (RawClient old = new RawClient(deployment.url(), "/api/sync")) {
            old.connect().modify(0, add(0, "m:big", "{}"));
            assertThat(only(old.nextChange()).array("value").get(0)).isEqualTo(ConvexValue.of(big));
        }
    }
}
