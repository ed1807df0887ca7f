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

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.Repository;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The example in two processes, over HTTP. What comes out is compared, field by field, with the file that the sample was made
 * from; the reader is the JDK's HTTP client and a JSON tree.
 */
class CitiesRunTest {

    private static final String KEY = "local|0123456789abcdef";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(TestDatabase.Kind.class)
    void givesEveryCityItsNewShape(TestDatabase.Kind kind) throws IOException, InterruptedException {
        TestDatabase database = kind.create(folder);
        CommandProcess command = new CommandProcess(folder, Map.of("BACKFILL_REPOSITORY_URL", database.url(),
                "BACKFILL_REPOSITORY_USERNAME", database.username(), "BACKFILL_REPOSITORY_PASSWORD",
                database.password(),
                "CONVEX_DEPLOY_KEY", KEY));
        try (JavaProcess server = command.start("local", "--port", "0", "--admin-key", KEY, "--sample", "cities",
                "--json")) {
            String url = json(server.awaitLine(line -> line.startsWith("{"))).get("url").asString();

            CommandProcess.Ended ended = command.with("CONVEX_URL", url).run("run",
                    Repository.root().resolve("examples/cities.yaml").toString(), "--json");

            assertThat(ended.exitCode()).describedAs(ended.output()).isZero();
            Map<String, String[]> expected = expected();
            JsonNode result = json(
                    ended.output().lines().filter(line -> line.startsWith("{")).findFirst().orElseThrow());
            assertThat(result.get("changed").asInt()).isEqualTo(expected.size());
            requireAll(URI.create(url), expected);
        }
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static Map<String, String[]> expected() throws IOException {
        Map<String, String[]> lines = new HashMap<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(new GZIPInputStream(requireNonNull(
                CitiesRunTest.class.getResourceAsStream("/dev/convexbackfill/job/demo/cities.tsv.gz"))),
                StandardCharsets.UTF_8))) {
            reader.readLine();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] columns = line.split("\t", -1);
                lines.put(columns[0], columns);
            }
        }
        return lines;
    }

    private static void requireAll(URI url, Map<String, String[]> expected) throws IOException, InterruptedException {
        HttpClient http = HttpClient.newHttpClient();
        String cursor = null;
        boolean done = false;
        while (!done) {
            Map<String, Object> options = new HashMap<>();
            options.put("numItems", 2000);
            options.put("cursor", cursor);
            String body = JsonMapper.shared().writeValueAsString(Map.of("path", "_system/cli/tableData", "format",
                    "convex_encoded_json", "args",
                    Map.of("table", "cities", "order", "asc", "paginationOpts", options)));
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(url.resolve("/api/query"))
                    .header("Authorization", "Convex " + KEY).header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
            JsonNode page = json(answer.body()).get("value");
            page.get("page").forEach(city -> requireNewShape(city, expected));
            done = page.get("isDone").asBoolean();
            cursor = page.get("continueCursor").asString();
        }
        assertThat(expected).describedAs("cities that are gone").isEmpty();
    }

    private static void requireNewShape(JsonNode city, Map<String, String[]> expected) {
        byte[] geonameId = Base64.getDecoder().decode(city.get("geonameId").get("$integer").asString());
        long id = ByteBuffer.wrap(geonameId).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String[] columns = requireNonNull(expected.remove(Long.toString(id)), "a city twice, or one from nowhere");
        Map<String, Object> found = new HashMap<>();
        city.propertyNames().forEach(name -> found.put(name, city.get(name).isNumber()
                ? (Object) city.get(name).asDouble()
                : city.get(name).asString("")));
        found.keySet().removeIf(name -> name.startsWith("_") || name.equals("geonameId"));
        assertThat(found).isEqualTo(Map.of("name", columns[1], "country", columns[2], "featureCode", columns[3],
                "adminCode", columns[4], "population", Double.parseDouble(columns[5]), "latitude",
                Double.parseDouble(columns[6]), "longitude", Double.parseDouble(columns[7]), "visits", 0.0));
    }
}
