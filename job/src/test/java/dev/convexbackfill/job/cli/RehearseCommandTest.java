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

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.job.cli.CommandProcess.Ended;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.Validator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RehearseCommandTest {

    private static final String KEY = "local|5ec2e700";
    private static final String SCRIPT = "<script>alert('&')</script>";
    private static final String PLAN = """
            apiVersion: backfill/v1
            name: people
            table: users
            ranges: 4
            transform:
              - convert: { field: age, to: number }
              - split: { from: name, into: [first, last], at: whitespace }
            """;

    private final LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY))
            .schema(new DocumentSchema(Map.of("users", Validator.object().field("name", Validator.STRING)
                    .optional("age", Validator.ANY).optional("first", Validator.STRING)
                    .optional("last", Validator.union(Validator.literal("Lovelace"), Validator.literal(SCRIPT))))))
            .start();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        deployment.close();
    }

    private CommandProcess command() {
        return new CommandProcess(folder).with("CONVEX_URL", deployment.url().toString()).with("CONVEX_DEPLOY_KEY",
                KEY);
    }

    private String plan(String text) throws IOException {
        return Files.writeString(folder.resolve("plan.yaml"), text).toString();
    }

    private void load(String name, String age, int times) {
        deployment.load("users", IntStream.range(0, times)
                .mapToObj(_ -> ConvexObject.of("name", ConvexValue.of(name), "age", ConvexValue.of(age))));
    }

    private static JsonNode json(Ended ended) {
        return JsonMapper.shared().readTree(
                ended.output().lines().filter(line -> line.startsWith("{")).findFirst().orElseThrow());
    }

    @Test
    void saysWhatWouldBecomeOfEveryDocument() throws IOException {
        load("Ada Lovelace", "36", 4);
        load("Cher", "77", 2);
        load("Grace Hopper", "85", 1);
        load("Ada Lovelace", "old", 1);
        Ended ended = command().run("rehearse", plan(PLAN), "--json");
        assertThat(ended.exitCode()).describedAs(ended.output()).isEqualTo(3);
        JsonNode report = json(ended);
        assertThat(report.get("isWhole").asBoolean()).isTrue();
        assertThat(report.get("read").asInt()).isEqualTo(8);
        assertThat(report.get("changed").asInt()).isEqualTo(4);
        assertThat(report.get("quarantined").asInt()).isEqualTo(4);
        assertThat(report.get("reasons").findValuesAsString("shape")).containsExactlyInAnyOrder(
                "split: 'name' has N parts for N fields", "convert: 'age' holds string that is no number",
                "the schema: 'last' must be v.union(v.literal(\"Lovelace\"), v.literal(\"%s\"))".formatted(SCRIPT));
        JsonNode misfit = report.get("activeSchema").get("documents").get(0);
        assertThat(misfit.get("field").asString()).isEqualTo("last");
        assertThat(misfit.get("found").asString()).isEqualTo("\"Hopper\"");
        assertThat(report.get("pendingSchema").get("state").asString()).isEqualTo("NONE");
        assertThat(report.get("pairs")).hasSize(4);
        assertThat(report.get("pairs").get(0).get("after").get("age").asDouble()).isEqualTo(36);
        JsonNode age = Stream.of(report.get("fields")).flatMap(JsonNode::valueStream)
                .filter(field -> field.get("field").asString().equals("age")).findFirst().orElseThrow();
        assertThat(age.get("typeChanged").asInt()).isEqualTo(4);
        assertThat(age.get("after").toString()).isEqualTo("{\"number\":4,\"string\":4}");
    }

    @Test
    void writesNothingButThePageThatWasAskedFor() throws IOException {
        load("Ada Lovelace", "36", 300);
        load("Cher", "77", 3);
        String plan = plan(PLAN);
        assertThat(command().run("run", plan, "--name", "earlier").exitCode()).isEqualTo(3);
        load("Ada Lovelace", "37", 50);
        SortedMap<String, String> files = files();
        long commit = deployment.store().timestamp();
        SortedMap<String, String> documents = documents();

        Ended whole = command().run("rehearse", plan);
        Ended sample = command().run("rehearse", plan, "--sample", "20", "--html",
                folder.resolve("report.html").toString());

        assertThat(whole.exitCode()).describedAs(whole.output()).isEqualTo(3);
        assertThat(whole.output()).contains("all 353 documents", "Nothing was written").doesNotContain("\u001b");
        assertThat(sample.output()).contains("a sample of 20 of 353 documents", "A sample proves nothing");
        assertThat(deployment.store().timestamp()).isEqualTo(commit);
        assertThat(documents()).isEqualTo(documents);
        SortedMap<String, String> now = files();
        assertThat(now.remove("report.html")).isNotNull();
        assertThat(now).isEqualTo(files);
    }

    /** Every document of every table, the ledger's among them. */
    private SortedMap<String, String> documents() {
        SortedMap<String, String> all = new TreeMap<>();
        for (String table : new String[]{"users", "backfillLedger", "backfillRuns"}) {
            deployment.forEach(table, document -> all.put(document.string("_id"), document.toString()));
        }
        return all;
    }

    /** What every file holds, and when it was written. */
    private SortedMap<String, String> files() throws IOException {
        SortedMap<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(Files::isRegularFile)
                    .forEach(file -> all.put(folder.relativize(file).toString(), fingerprint(file)));
        }
        return all;
    }

    private static String fingerprint(Path file) {
        try {
            return Files.getLastModifiedTime(file) + " " + HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void thePageStandsAloneAndShowsDocumentsAsText() throws IOException {
        load("Ada " + SCRIPT, "36", 1);
        Path page = folder.resolve("report.html");
        Ended ended = command().run("rehearse", plan(PLAN), "--html", page.toString());
        assertThat(ended.exitCode()).describedAs(ended.output()).isZero();
        String html = Files.readString(page, StandardCharsets.UTF_8);
        assertThat(html).contains("&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;", "</html>")
                .doesNotContain("<script", "src=", "href=", "url(", "@import");
    }

    @Test
    void goesOnWhereTheRunWouldFailAndSaysSo() throws IOException {
        load("Ada Lovelace", "36", 5);
        load("Ada Lovelace", "old", 2);
        Ended ended = command().run("rehearse", plan(PLAN.replace("to: number", "to: number, onError: fail")));
        assertThat(ended.exitCode()).describedAs(ended.output()).isEqualTo(3);
        assertThat(ended.output()).contains("The run would fail", "At the first of 2 documents",
                "convert: 'age' holds string that is no number").containsPattern("changed +5\\n");
        deployment.forEach("users", user -> {
            if (user.require("age").equals(ConvexValue.of("old"))) {
                assertThat(ended.output()).contains(user.string("_id"));
            }
        });
    }

    @Test
    void drawsTheSameSampleForTheSameSeed() throws IOException {
        load("Ada Lovelace", "36", 400);
        String plan = plan(PLAN);
        Ended first = command().run("rehearse", plan, "--sample", "30", "--seed", "7", "--json");
        Ended again = command().run("rehearse", plan, "--sample", "30", "--seed", "7", "--json");
        assertThat(json(first).get("read").asInt()).isEqualTo(30);
        assertThat(json(again).get("pairs")).isEqualTo(json(first).get("pairs"));
        assertThat(json(first).get("caveats").toString()).contains("No document in it can't be changed");
    }

    @Test
    void endsOnASignalWithAReportThatSaysThatItIsPartial() throws IOException {
        load("Ada Lovelace", "36", 3000);
        deployment.setFaults(new Faults(Duration.ofMillis(400), 0, 0, 0, 0, 0, "backfill:page"));
        String plan = plan(PLAN.replace("ranges: 4", "ranges: 500") + "throttle: { concurrency: 1 }\n");
        try (var process = command().start("rehearse", plan, "--json")) {
            process.awaitLine(line -> line.contains(" read, "));
            process.signal("TERM");
            assertThat(process.awaitExit(30)).isEqualTo(4);
            Ended ended = new Ended(4, String.join("\n", process.output()));
            assertThat(json(ended).get("isWhole").asBoolean()).isFalse();
            assertThat(json(ended).get("caveats").toString()).contains("This report is partial");
        }
    }

    @Test
    void refusesWhatItCantDo() throws IOException {
        load("Ada Lovelace", "36", 1);
        String plan = plan(PLAN);
        assertThat(command().run("rehearse", plan, "--sample", "0")).satisfies(ended -> {
            assertThat(ended.exitCode()).isEqualTo(2);
            assertThat(ended.output()).contains("--sample must be 1 or more");
        });
        assertThat(command().run("rehearse", plan, "--html", folder.resolve("none/report.html").toString()))
                .satisfies(ended -> {
                    assertThat(ended.exitCode()).isEqualTo(2);
                    assertThat(ended.output()).contains("can't be written");
                });
    }
}
