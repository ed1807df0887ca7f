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
package dev.convexbackfill.local.javascript;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.app.EngineSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What functions ask of the deployment, syscall by syscall. */
class SyscallsTest {

    private static TestApp app;
    private List<String> ids;

    @BeforeAll
    static void start() {
        app = new TestApp(EngineSettings.DEFAULT, "database", "behaviour");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    /** Ten items, n from 0 to 9. */
    @BeforeEach
    void fill() {
        ConvexArray all = (ConvexArray) app.result("database:all", "{\"table\":\"items\"}");
        all.forEach(item -> write("remove", "{\"id\":\"%s\"}".formatted(((ConvexObject) item).string("_id"))));
        StringBuilder values = new StringBuilder();
        for (int n = 0; n < 10; n++) {
            values.append(n == 0 ? "" : ",").append("{\"n\":%d,\"old\":\"x\",\"in\":{\"n\":%d}}".formatted(n, n % 2));
        }
        ids = ((ConvexArray) app.result("database:insertAll",
                "{\"table\":\"items\",\"values\":[%s]}".formatted(values)))
                .values().stream().map(id -> ((ConvexString) id).value()).toList();
    }

    private static ConvexValue write(String op, String args) {
        return app.result("database:write", "{\"op\":\"%s\",\"args\":%s}".formatted(op, args));
    }

    private static String async(String op, String args) {
        return app.json("database:asyncSyscall", "{\"op\":\"%s\",\"args\":%s}".formatted(op, args));
    }

    private static String asyncFailure(String op, String args) {
        return app.failure("database:asyncSyscall", "{\"op\":\"%s\",\"args\":%s}".formatted(op, args)).lines()
                .findFirst()
                .orElseThrow();
    }

    /** The numbers that a query finds. Filters are no arguments, since their fields begin with a dollar. */
    private static List<Integer> read(String source, String operators) {
        ConvexObject result = (ConvexObject) app.result("database:read",
                "{\"source\":%s,\"operators\":%s}".formatted(source, operators));
        return result.array("found").values().stream().map(item -> (int) ((ConvexObject) item).number("n")).toList();
    }

    @Test
    void aDocumentIsReadById() {
        assertThat(async("get", "{\"id\":\"%s\"}".formatted(ids.get(3)))).contains("\"n\":3");
        assertThat(async("get", "{\"id\":\"%s\",\"table\":\"items\"}".formatted(ids.get(3)))).contains("\"n\":3");
        assertThat(asyncFailure("get", "{\"id\":\"%s\",\"table\":\"users\"}".formatted(ids.get(3)))).isEqualTo(
                "Uncaught Error: Invalid argument `id` for `db.get`: expected to be an Id<\"users\">, got Id<\"items\"> instead.");
        assertThat(asyncFailure("get", "{\"id\":\"nonsense\"}")).contains("Invalid argument `id` for `db.get`");
        assertThat(asyncFailure("get", "{\"id\":\"%s\",\"isSystem\":true}".formatted(ids.get(3))))
                .isEqualTo("Uncaught Error: User tables cannot be accessed with db.system.");
    }

    @Test
    void idsAreNormalized() {
        String call = "{\"op\":\"db/normalizeId\",\"args\":{\"table\":\"%s\",\"idString\":\"%s\"}}";
        assertThat(app.json("database:syscall", call.formatted("items", ids.getFirst())))
                .isEqualTo("{\"id\":\"%s\"}".formatted(ids.getFirst()));
        assertThat(app.json("database:syscall", call.formatted("others", ids.getFirst()))).isEqualTo("{\"id\":null}");
        assertThat(app.json("database:syscall", call.formatted("items", "nonsense"))).isEqualTo("{\"id\":null}");
    }

    @Test
    void aPatchSetsAndRemovesFields() {
        app.result("database:patch", "{\"id\":\"%s\"}".formatted(ids.getFirst()));

        assertThat(async("get", "{\"id\":\"%s\"}".formatted(ids.getFirst())))
                .contains("\"fresh\":{\"$integer\":\"AQAAAAAAAAA=\"}")
                .doesNotContain("old");
    }

    @Test
    void aMutationSeesWhatItReplacedAndRemoved() {
        assertThat(app.json("database:replaceAndRemove",
                "{\"replaced\":\"%s\",\"removed\":\"%s\"}".formatted(ids.get(0), ids.get(9))))
                .isEqualTo("[99.0,1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0]");
    }

    @ParameterizedTest
    @CsvSource({"shallowMerge,Update", "replace,Replace", "remove,Delete"})
    void aWriteToADocumentThatIsGoneIsRefused(String op, String verb) {
        write("remove", "{\"id\":\"%s\"}".formatted(ids.getFirst()));

        assertThat(app.failure("database:write",
                "{\"op\":\"%s\",\"args\":{\"id\":\"%s\",\"value\":{}}}".formatted(op, ids.getFirst())))
                .startsWith("Uncaught Error: %s on nonexistent document ID %s".formatted(verb, ids.getFirst()));
    }

    @Test
    void queriesGoInOrderAndStopAtLimits() {
        String scan = "{\"type\":\"FullTableScan\",\"tableName\":\"items\",\"order\":\"%s\"}";
        assertThat(read(scan.formatted("asc"), "[]")).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(read(scan.formatted("desc"), "[{\"limit\":3}]")).containsExactly(9, 8, 7);
        assertThat(read("{\"type\":\"FullTableScan\",\"tableName\":\"missing\",\"order\":null}", "[]")).isEmpty();
    }

    @Test
    void queriesAreCleanedUpOnce() {
        ConvexObject result = (ConvexObject) app.result("database:read",
                "{\"source\":{\"type\":\"FullTableScan\",\"tableName\":\"items\",\"order\":null},\"operators\":[]}");
        assertThat(result.array("cleaned").values()).containsExactly(ConvexValue.of(true), ConvexValue.of(false));
        assertThat(asyncFailure("queryStreamNext", "{\"queryId\":7}")).contains("in-progress query not found");
    }

    @Test
    void indexesAreReadByRange() {
        String range = "{\"type\":\"IndexRange\",\"indexName\":\"items.by_id\",\"order\":\"asc\",\"range\":[{\"type\":\"%s\",\"fieldPath\":\"_id\",\"value\":\"%s\"}]}";
        assertThat(read(range.formatted("Eq", ids.get(4)), "[]")).containsExactly(4);
        List<String> sorted = ids.stream().sorted().toList();
        assertThat(read(range.formatted("Gt", sorted.get(6)), "[]"))
                .containsExactlyElementsOf(sorted.subList(7, 10).stream().map(ids::indexOf).toList());
        assertThat(read(range.formatted("Lte", sorted.get(1)), "[]"))
                .containsExactlyElementsOf(sorted.subList(0, 2).stream().map(ids::indexOf).toList());
        assertThat(app.failure("database:read",
                "{\"source\":%s,\"operators\":[]}".formatted(range.replace("by_id", "by_n").formatted("Eq", "x"))))
                .startsWith("Uncaught Error: Index items.by_n not found.");
        assertThat(app.failure("database:read",
                "{\"source\":{\"type\":\"Search\",\"indexName\":\"items.s\",\"filters\":[]},\"operators\":[]}"))
                .startsWith("Uncaught Error: Search indexes are not supported by a local deployment");
    }

    @Test
    void someTablesOfTheSystemAreNotForApps() {
        assertThat(app.failure("database:all", "{\"table\":\"_environment_variables\"}"))
                .startsWith("Uncaught Error: The table '_environment_variables' can't be read by an app");
        assertThat(app.json("database:all", "{\"table\":\"_scheduled_functions\"}")).startsWith("[");
    }

    @Test
    void aNestedMutationThatFailsIsUndoneAlone() {
        assertThat(app.json("database:nested", "{}"))
                .contains("\"data\":{\"code\":\"no\",\"n\":{\"$integer\":\"AQAAAAAAAAA=\"}}")
                .contains("Uncaught ConvexError: ");
        assertThat(app.json("database:all", "{\"table\":\"items\"}")).contains("\"n\":1.0").doesNotContain("\"n\":-1");
    }

    @Test
    void functionsCallEachOther() {
        assertThat(app.json("database:calls", "{\"udfType\":\"query\",\"name\":\"database:hidden\"}"))
                .isEqualTo("\"hidden\"");
        assertThat(app.json("database:byHandle", "{}")).isEqualTo("\"hidden\"");
        assertThat(app.failure("database:calls", "{\"udfType\":\"mutation\",\"name\":\"database:nested\"}"))
                .contains("A Query can't call a Mutation");
        assertThat(app.failure("database:calls", "{\"udfType\":\"query\",\"name\":\"database:gone\"}"))
                .contains("Could not find function for 'database:gone'");
        assertThat(app.json("database:recurse", "{\"depth\":8}")).isEqualTo("8.0");
        assertThat(app.failure("database:recurse", "{\"depth\":9}")).contains("depth limit exceeded");
    }

    @Test
    void aWriteThatNobodyAwaitsHappens() {
        app.result("database:forgetful", "{}");

        assertThat(((ConvexArray) app.result("database:all", "{\"table\":\"items\"}")).size()).isEqualTo(11);
    }

    @Test
    void aFailedMutationLeavesNothing() {
        ConvexObject answer = app.call("database:insertAndFail", "{}");

        assertThat(answer.require("errorData")).isEqualTo(
                ConvexObject.of("code", ConvexValue.of("no"), "n", ConvexValue.int64(1)));
        assertThat(((ConvexArray) app.result("database:all", "{\"table\":\"items\"}")).size()).isEqualTo(10);
    }

    @Test
    void pagesFollowEachOther() {
        String page = "{\"query\":{\"source\":{\"type\":\"FullTableScan\",\"tableName\":\"items\",\"order\":null},\"operators\":[]},\"cursor\":%s,\"endCursor\":%s,\"pageSize\":%d}";
        ConvexObject first = page(page.formatted("null", "null", 6));
        assertThat(first.array("page").size()).isEqualTo(6);
        assertThat(first.bool("isDone")).isFalse();
        ConvexObject second = page(page.formatted(quoted(first, "continueCursor"), "null", 6));
        assertThat(second.array("page").size()).isEqualTo(4);
        assertThat(second.bool("isDone")).isTrue();
        // the same again up to its end, whatever the size
        ConvexObject again = page(page.formatted("null", quoted(first, "continueCursor"), 1));
        assertThat(again.array("page")).isEqualTo(first.array("page"));
        assertThat(again.string("continueCursor")).isEqualTo(first.string("continueCursor"));
        // the first half
        ConvexObject half = page(page.formatted("null", quoted(first, "splitCursor"), 1));
        assertThat(half.array("page").size()).isEqualTo(4);
        assertThat(asyncFailure("queryPage", page.formatted("null", "null", 0)))
                .contains("Must request at least 1 document while paginating");
        assertThat(asyncFailure("queryPage", page.formatted("\"00\"", "null", 1))).contains("InvalidCursor");
        assertThat(asyncFailure("queryPage", page.replace("\"order\":null", "\"order\":\"desc\"").formatted(
                quoted(first, "continueCursor"), "null", 1))).contains("InvalidCursor");
    }

    @Test
    void aMaximumEndsAPageEarly() {
        String page = "{\"query\":{\"source\":{\"type\":\"FullTableScan\",\"tableName\":\"items\",\"order\":null},\"operators\":[]},\"cursor\":null,\"pageSize\":9,\"%s\":%d}";
        ConvexObject byRows = page(page.formatted("maximumRowsRead", 4));
        assertThat(byRows.array("page").size()).isEqualTo(4);
        assertThat(byRows.string("pageStatus")).isEqualTo("SplitRequired");
        assertThat(page(page.formatted("maximumBytesRead", 1)).array("page").size()).isEqualTo(1);
        assertThat(page(page.formatted("maximumRowsRead", 11)).string("pageStatus")).isEqualTo("SplitRecommended");
        assertThat(asyncFailure("queryPage", page.formatted("maximumRowsRead", -1)))
                .contains("'maximumRowsRead' must be a whole number of at least 0 and not -1.0");
        assertThat(asyncFailure("queryPage", page.formatted("maximumRowsRead", 0)))
                .contains("maximumRowsRead and maximumBytesRead must be greater than 0");
    }

    private static ConvexObject page(String args) {
        return (ConvexObject) app.result("database:asyncSyscall", "{\"op\":\"queryPage\",\"args\":%s}".formatted(args));
    }

    private static String quoted(ConvexObject page, String cursor) {
        return '"' + page.string(cursor) + '"';
    }

    @Test
    void functionsAreScheduledAndTakenBack() {
        String id = ((ConvexString) write("schedule",
                "{\"name\":\"database:nested\",\"ts\":%d,\"args\":{\"a\":1}}"
                        .formatted(Instant.now().plus(Duration.ofDays(1)).getEpochSecond())))
                .value();
        assertThat(async("get", "{\"id\":\"%s\",\"isSystem\":true}".formatted(id))).contains("\"kind\":\"pending\"");
        assertThat(asyncFailure("get", "{\"id\":\"%s\"}".formatted(id)))
                .isEqualTo("Uncaught Error: System tables can only be accessed with db.system.");
        write("cancel_job", "{\"id\":\"%s\"}".formatted(id));
        assertThat(async("get", "{\"id\":\"%s\",\"isSystem\":true}".formatted(id))).contains("\"kind\":\"canceled\"");
    }

    @Test
    void functionsKnowWhereTheyAre() {
        assertThat(async("getFunctionMetadata", "{}"))
                .isEqualTo("{\"componentPath\":\"\",\"name\":\"database:asyncSyscall\"}");
        assertThat(async("getDeploymentMetadata", "{}")).contains("\"name\":\"local\"");
        assertThat(async("getUserIdentity", "{\"requestId\":\"\"}")).isEqualTo("null");
        assertThat(async("getTransactionMetrics", "{}"))
                .contains("\"documentsRead\":{\"remaining\":32000.0,\"used\":0.0}");
        assertThat(async("count", "{\"table\":\"items\"}")).isEqualTo("10.0");
        assertThat(asyncFailure("getRequestMetadata", "{}")).contains("Cannot get request metadata in a Query");
        assertThat(((ConvexObject) write("getRequestMetadata", "{}")).string("requestId")).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"storageGetUrl", "storageGenerateUploadUrl", "storageDelete", "storageGetMetadata"})
    void storageIsRefused(String op) {
        assertThat(asyncFailure(op, "{}"))
                .isEqualTo("Uncaught Error: File storage is not supported by a local deployment");
    }

    @Test
    void whatConvexDoesNotKnowIsRefused() {
        assertThat(asyncFailure("nonsense", "{}")).isEqualTo("Uncaught Error: Unknown async operation 1.0/nonsense");
        assertThat(app.failure("database:syscall", "{\"op\":\"nonsense\",\"args\":{}}"))
                .startsWith("Uncaught Error: Unknown operation 1.0/nonsense");
        assertThat(asyncFailure("actions/query", "{\"name\":\"database:hidden\",\"args\":{}}"))
                .contains("Unknown async operation");
    }

    @Test
    void anActionCallsFunctionsOneByOne() {
        ConvexObject result = (ConvexObject) app.result("behaviour:orchestrates", "{}");

        assertThat(result.array("order").values()).containsExactly(ConvexValue.of("early"), ConvexValue.of("late"));
        assertThat(((ConvexArray) app.result("database:all", "{\"table\":\"items\"}")).size()).isEqualTo(11);
    }
}
