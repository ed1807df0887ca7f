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

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.app.AppDeployment;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.app.FunctionEngine;
import dev.convexbackfill.local.app.FunctionEngines;
import dev.convexbackfill.testsupport.ConvexApp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How many pages and chunks a second the functions make, run by each engine in turn, one call at a time: only the ratios of one
 * run mean something. Arguments: seconds for each number; then, optionally, {@code name=URL} and the key of another server of the
 * functions.
 */
final class EngineBenchmark {

    private static final String KEY = "local|0123456789abcdef";
    private static final int DOCUMENTS = 2000;
    private static final int PAGE = 200;
    private static final int CHUNK = 100;

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI url;
    private final String key;
    private final Duration time;

    private EngineBenchmark(URI url, String key, Duration time) {
        this.url = url;
        this.key = key;
        this.time = time;
    }

    public static void main(String[] args) throws IOException {
        Duration time = Duration.ofSeconds(args.length > 0 ? Long.parseLong(args[0]) : 10);
        Map<String, double[]> rates = new LinkedHashMap<>();
        ConvexApp app = ConvexApp.in(Files.createTempDirectory("benchmark"), "the benchmark")
                .withCopy("convex/backfill.ts");
        try (LocalDeployment twin = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start();
                LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start();
                FunctionEngine engine = FunctionEngines.start(EngineBenchmark.class, EngineSettings.DEFAULT);
                AppDeployment deployed = new AppDeployment(deployment, engine, app.folder(), List.of(),
                        EngineBenchmark::say)) {
            deployed.deploy();
            for (LocalDeployment each : List.of(twin, deployment)) {
                each.load("items", IntStream.range(0, DOCUMENTS).mapToObj(n -> ConvexObject.builder().put("n", n)
                        .put("text", "a document of the usual size; some of its text is never changed").build()));
            }
            rates.put("native", new EngineBenchmark(twin.url(), KEY, time).rates());
            rates.put("javascript", new EngineBenchmark(deployment.url(), KEY, time).rates());
            if (args.length > 2) {
                int equals = args[1].indexOf('=');
                rates.put(args[1].substring(0, equals),
                        new EngineBenchmark(URI.create(args[1].substring(equals + 1)), args[2], time).rates());
            }
        } finally {
            app.delete();
        }
        double[] base = rates.values().iterator().next();
        rates.forEach(
                (name, rate) -> System.out.printf("%-12s %8.1f pages/s (%.2f)  %8.1f chunks/s (%.2f)%n", name, rate[0],
                        rate[0] / base[0], rate[1], rate[1] / base[1]));
    }

    private static void say(String line) {
        System.out.println(line);
    }

    /** Pages of {@value #PAGE} documents, and chunks of {@value #CHUNK} changes, per second; the first half of the time warms up. */
    private double[] rates() {
        String page = "{\"table\":\"items\",\"after\":null,\"through\":null,\"documents\":%d,\"bytes\":1000000}"
                .formatted(PAGE);
        List<String> ids = ((ConvexArray) ((ConvexObject) call("query", "page", page)).require("documents")).values()
                .stream()
                .limit(CHUNK).map(document -> ((ConvexObject) document).string("_id")).toList();
        String ledger = ((ConvexString) ((ConvexObject) call("mutation", "openLedger",
                "{\"run\":\"r%d\",\"token\":\"t\",\"table\":\"items\",\"ranges\":[{\"after\":null,\"through\":null}]}"
                        .formatted(System.nanoTime())))
                .array("ledger").get(0)).value();
        call("mutation", "claim", "{\"ledger\":\"%s\",\"fence\":1}".formatted(ledger));
        int[] sequence = {0};
        return new double[]{rate(() -> call("query", "page", page)),
                rate(() -> call("mutation", "apply", chunk(ledger, ++sequence[0], ids)))};
    }

    private static String chunk(String ledger, int sequence, List<String> ids) {
        String changes = ids.stream().map(id -> """
                {"id":"%s","expect":{},"absent":[],"write":{"kind":"patch","set":{"n":%d},"unset":[]}}"""
                .formatted(id, sequence)).collect(Collectors.joining(","));
        return """
                {"ledger":"%s","fence":1,"sequence":%d,"from":%s,"to":"%s","isDone":false,"read":%d,"unchanged":0,"deleted":0,                "quarantined":0,"changes":[%s]}"""
                .formatted(ledger, sequence,
                        sequence == 1 ? "null" : "\"p" + (sequence - 1) + '"', "p" + sequence, ids.size(), changes);
    }

    private double rate(Runnable work) {
        repeat(work, time.dividedBy(2));
        long started = System.nanoTime();
        int count = repeat(work, time.dividedBy(2));
        return count * 1e9 / (System.nanoTime() - started);
    }

    private static int repeat(Runnable work, Duration time) {
        int count = 0;
        for (long end = System.nanoTime() + time.toNanos(); System.nanoTime() < end; count++) {
            work.run();
        }
        return count;
    }

    private ConvexValue call(String kind, String function, String args) {
        String body = "{\"path\":\"backfill:%s\",\"format\":\"convex_encoded_json\",\"args\":%s}".formatted(function,
                args);
        HttpRequest request = HttpRequest.newBuilder(url.resolve("/api/" + kind))
                .header("Authorization", "Convex " + key)
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build();
        try {
            ConvexObject answer = ConvexJson.decodeObject(http.send(request, BodyHandlers.ofByteArray()).body());
            if (!answer.string("status").equals("success")) {
                throw new IllegalStateException(answer.toString());
            }
            return answer.require("value");
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
