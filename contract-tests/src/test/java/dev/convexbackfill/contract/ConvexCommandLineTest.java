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
package dev.convexbackfill.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.admin.SnapshotExport;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.contract.ConvexCommandLine.Ended;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.NodeProject;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code npx convex} does, done to local deployments in another process. */
class ConvexCommandLineTest {

    private static final CallOptions OPTIONS = CallOptions.DEFAULT;

    /** All kinds of values, with the numbers that JSON does not have. */
    private static final ConvexObject VALUES = ConvexObject.builder()
            .put("array", ConvexValue.array(ConvexNull.NULL, ConvexValue.of(true), ConvexValue.number(1.5),
                    ConvexValue.array()))
            .put("bytes", ConvexValue.of(new byte[]{0, 1, 2, -1}))
            .put("infinity", Double.NEGATIVE_INFINITY)
            .put("large", 1e300)
            .put("longest", ConvexValue.int64(Long.MIN_VALUE))
            .put("nested", ConvexObject.of("a", ConvexObject.of("b", ConvexValue.int64(7))))
            .put("notANumber", Double.NaN)
            .put("one", 1)
            .put("text", "äß漢😀 \"quoted\"\\\n\u2028\u0000")
            .put("zero", -0.0)
            .build();

    /** The same in a snapshot, after the id. */
    private static final String VALUES_LINE = """
            ,"array":[null,true,1.5,[]],"bytes":{"$bytes":"AAEC/w=="},"infinity":{"$float":"AAAAAAAA8P8="},"large":1e300,\
            "longest":-9223372036854775808,"nested":{"a":{"b":7}},"notANumber":{"$float":"AAAAAAAA+H8="},"one":1.0,\
            "text":"äß漢😀 \\"quoted\\"\\\\\\n\u2028\\u0000","zero":-0.0}""";

    @TempDir
    private static Path app;
    @TempDir
    private Path files;

    private static ConvexCommandLine convex;
    private static JavaProcess server;
    private static ServedDeployment deployment;
    private static ServedDeployment original;
    private static ServedDeployment copy;
    private static ServedDeployment secondCopy;

    @BeforeAll
    static void serve() {
        convex = new ConvexCommandLine(NodeProject.in("convex", "the tests of Convex's command line"), app);
        server = DeploymentsServer.start(4);
        List<ServedDeployment> served = DeploymentsServer.await(server, 4);
        deployment = served.get(0);
        original = served.get(1);
        copy = served.get(2);
        secondCopy = served.get(3);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static ConvexObject number(double n) {
        return ConvexObject.of("n", ConvexValue.number(n));
    }

    /** The files of a ZIP by name. */
    private static Map<String, String> unzip(Path file) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (InputStream in = Files.newInputStream(file); ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                contents.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return contents;
    }

    @Test
    void runCallsAQueryAndShowsWhatItLogged() {
        Ended greeted = convex.run(deployment, "run", "users:greet", "{name: 'Ada'}");

        assertThat(greeted.result()).isEqualTo("\"Hello, Ada\"\n");
        assertThat(greeted.err()).isEqualTo("[CONVEX ?(users:greet)] [INFO] 'greets'\n");
    }

    @Test
    void runCallsAMutationWithAllKindsOfValues() {
        convex.run(deployment, "run", "api.test.insert", """
                {table: "written", documents: [{
                  int64: {$integer: "AQAAAAAAAIA="}, zero: {$float: "AAAAAAAAAIA="}, bytes: {$bytes: "AAEC/w=="}}]}""")
                .result();

        assertThat(deployment.documents("written")).singleElement().satisfies(document -> assertThat(
                document.without("_id").without("_creationTime")).isEqualTo(
                        ConvexObject.builder()
                                .put("bytes", ConvexValue.of(new byte[]{0, 1, 2, -1}))
                                .put("int64", ConvexValue.int64(Long.MIN_VALUE + 1))
                                .put("zero", -0.0)
                                .build()));
    }

    @Test
    void runCallsAnActionThatCallsAnInternalQuery() {
        assertThat(convex.run(deployment, "run", "test:act").result()).isEqualTo("\"internal\"\n");
    }

    @Test
    void runCallsAnInternalFunction() {
        assertThat(convex.run(deployment, "run", "internal.test.secret").result()).isEqualTo("\"internal\"\n");
    }

    @Test
    void runActsAsAUser() {
        assertThat(convex.run(deployment, "run", "users:current", "--identity", "{name: 'Ada'}").result())
                .isEqualTo("\"Ada\"\n");
    }

    @Test
    void runShowsTheDataOfAConvexErrorAndTheMutationWroteNothing() {
        Ended refused = convex.run(deployment, "run", "test:refuse");

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("Failed to run function \"test:refuse\":\nConvexError: ",
                "Uncaught ConvexError: {\"kind\":\"nope\",\"n\":{\"$integer\":\"BwAAAAAAAAA=\"}}");
        assertThat(deployment.documents("refused")).isEmpty();
    }

    @Test
    void runShowsTheErrorOfAFunctionThatFails() {
        Ended failed = convex.run(deployment, "run", "test:fail");

        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.err()).contains("Failed to run function \"test:fail\":\nError: ", "Uncaught Error: plain");
    }

    @Test
    void runListsTheFunctionsIfThereIsNoneOfThatName() {
        Ended failed = convex.run(deployment, "run", "backfill:aply");

        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.err()).contains("Could not find function for 'backfill:aply'.",
                "Available functions:\n• backfill:apply\n", "\n• test:secret\n");
    }

    @Test
    void dataListsTables() {
        deployment.insert("listed", number(1));

        assertThat(convex.run(deployment, "data").result().lines()).contains("listed")
                .isSorted().noneMatch(table -> table.startsWith("_"));
    }

    @Test
    void dataShowsDocumentsInEitherOrderUpToALimit() {
        deployment.insert("shown", number(1), number(2), number(3));
        List<String> ids = deployment.documents("shown").stream().map(document -> document.string("_id")).toList();

        List<String> oldest = convex.run(deployment, "data", "shown", "--limit", "2", "--order", "asc", "--format",
                "jsonLines").result().lines().toList();
        String newest = convex.run(deployment, "data", "shown", "--limit", "1", "--format", "json").result();

        assertThat(oldest).hasSize(2);
        assertThat(oldest.get(0)).contains(ids.get(0), "\"n\": 1 }");
        assertThat(oldest.get(1)).contains(ids.get(1), "\"n\": 2 }");
        assertThat(newest).startsWith("[").contains(ids.get(2), "\"n\": 3 }").doesNotContain(ids.get(0), ids.get(1));
    }

    @Test
    void functionSpecShowsTheFunctionsOfBackfillAndWhereTheyAreServed() {
        String spec = convex.run(deployment, "function-spec").result();

        assertThat(spec).contains("\"url\": \"%s\"".formatted(deployment.url()),
                // what users:greet declares
                "\"returns\": {\n        \"type\": \"string\"\n      }");
        for (String name : List.of("apply", "claim", "count", "documents", "info", "openLedger", "page", "purge",
                "readLedger")) {
            assertThat(spec).contains("\"identifier\": \"backfill.js:%s\"".formatted(name));
        }
    }

    @Test
    void envSetsListsGetsAndRemovesVariables() {
        convex.run(deployment, "env", "set", "GREETING", "Hello, world").result();

        assertThat(convex.run(deployment, "env", "list", "--include-values").result())
                .isEqualTo("GREETING=Hello, world\n");
        assertThat(convex.run(deployment, "env", "get", "GREETING").result()).isEqualTo("Hello, world\n");

        convex.run(deployment, "env", "remove", "GREETING").result();

        try (ConvexClient client = deployment.client()) {
            assertThat(new String(client.get("/api/list_environment_variables", OPTIONS), StandardCharsets.UTF_8))
                    .isEqualTo("{\"environmentVariables\":{}}");
        }
    }

    @Test
    void logsShowsWhatFunctionsLogAndHowTheyFail() {
        try (ConvexClient client = deployment.client();
                JavaProcess logs = convex.start(deployment, "logs", "--history")) {
            client.query(new FunctionPath("users:greet"), ConvexObject.of("name", ConvexValue.of("Ada")), OPTIONS);
            assertThat(logs.awaitLine(line -> line.contains("greets")))
                    .endsWith("[CONVEX Q(users:greet)] [INFO] 'greets'");

            assertThatThrownBy(() -> client.query(new FunctionPath("test:fail"), ConvexObject.EMPTY, OPTIONS))
                    .isInstanceOf(ConvexException.class);
            assertThat(logs.awaitLine(line -> line.contains("test:fail"))).endsWith(
                    "[CONVEX Q(test:fail)] Uncaught Error: plain");
        }
    }

    @Test
    void importOfLinesFillsAddsToAndReplacesATable() throws IOException {
        Path lines = Files.writeString(files.resolve("lines.jsonl"), "{\"n\":7}\n{\"n\":8.5}\n");
        Path other = Files.writeString(files.resolve("other.jsonl"), "{\"n\":9.5}\n");

        convex.run(deployment, "import", "--table", "lines", lines.toString()).result();
        assertThat(deployment.numbers("lines")).containsExactly(7.0, 8.5);

        Ended again = convex.run(deployment, "import", "--table", "lines", lines.toString());
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("Table lines already exists.");
        assertThat(deployment.numbers("lines")).containsExactly(7.0, 8.5);

        // in parts of 5 bytes
        convex.run(deployment, Map.of("CONVEX_IMPORT_CHUNK_SIZE", "5"), "import", "--table", "lines", "--append",
                other.toString()).result();
        assertThat(deployment.numbers("lines")).containsExactly(7.0, 8.5, 9.5);

        Ended replaced = convex.run(deployment, "import", "--table", "lines", "--replace", "-y", other.toString());
        assertThat(replaced.result()).isEmpty();
        assertThat(replaced.err()).contains("lines | 1      | 3 of 3 |", "Added 1 documents to table \"lines\".");
        assertThat(deployment.numbers("lines")).containsExactly(9.5);
    }

    @Test
    void replacingDocumentsWaitsForAConfirmation() throws IOException {
        deployment.insert("kept", number(1));
        Path file = Files.writeString(files.resolve("lines.jsonl"), "{\"n\":2}\n");

        Ended asked = convex.run(deployment, "import", "--table", "kept", "--replace", file.toString());

        assertThat(asked.exitCode()).isEqualTo(1);
        assertThat(asked.err()).contains("kept  | 1      | 1 of 1 |", "Perform import?");
        assertThat(deployment.numbers("kept")).containsExactly(1.0);
    }

    @Test
    void aSnapshotOfAllKindsOfValuesIsExportedImportedAndExportedAgainWithoutADifference() throws IOException {
        original.insert("values", VALUES, number(2), number(3));
        original.insert("others", number(4));
        List<ConvexObject> values = original.documents("values");
        List<ConvexObject> others = original.documents("others");

        // the command line's own
        Path exported = files.resolve("exported.zip");
        convex.run(original, "export", "--path", exported.toString()).result();

        assertThat(unzip(exported)).containsKeys("README.md", "_tables/documents.jsonl")
                .containsEntry("values/generated_schema.jsonl", "\"uniform\"\n");
        assertThat(unzip(exported).getOrDefault("values/documents.jsonl", "").lines())
                .containsExactlyInAnyOrder(line(values.get(0), VALUES_LINE), line(values.get(1), ",\"n\":2.0}"),
                        line(values.get(2), ",\"n\":3.0}"));

        convex.run(copy, "import", exported.toString()).result();
        assertThat(copy.documents("values")).hasSize(3).isEqualTo(values);
        assertThat(copy.documents("others")).hasSize(1).isEqualTo(others);

        // the client's, into a deployment of its own
        Path saved = files.resolve("saved.zip");
        try (ConvexClient client = original.client()) {
            SnapshotExport export = new SnapshotExport(client, OPTIONS);
            export.save(export.create(false), saved);
        }
        convex.run(secondCopy, "import", saved.toString()).result();
        assertThat(secondCopy.documents("values")).isEqualTo(values);

        Path exportedAgain = files.resolve("again.zip");
        convex.run(secondCopy, "export", "--path", exportedAgain.toString()).result();
        assertThat(unzip(exportedAgain)).isEqualTo(unzip(saved));

        // all that came later is gone
        secondCopy.insert("values", number(5));
        secondCopy.insert("later", number(6));
        convex.run(secondCopy, "import", "--replace-all", "-y", saved.toString()).result();
        assertThat(secondCopy.documents("values")).isEqualTo(values);
        assertThat(secondCopy.documents("others")).isEqualTo(others);
        assertThat(secondCopy.documents("later")).isEmpty();
    }

    /** A line of a snapshot; {@code rest} is what comes after the id. */
    private static String line(ConvexObject document, String rest) {
        String created = BigDecimal.valueOf(document.number("_creationTime")).toPlainString();
        return "{\"_creationTime\":%s,\"_id\":\"%s\"%s".formatted(created, document.string("_id"), rest);
    }
}
