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
package dev.convexbackfill.job.campaign;

import dev.convexbackfill.testsupport.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * Counters to which a run adds one, and an app a thousand with each of its writes. So each tells how often both happened.
 *
 * @param plan       what the plan says of that
 * @param isSelected of the number of a counter: whether the run is for it
 */
record Counters(int documents, String plan, IntPredicate isSelected) implements Scenario {

    private static final String STEP = """
            transform:
              - increment: { field: counter, by: 1 }
            """;
    private static final String CHUNKS = """
            ranges: 16
            chunk: { documents: 100 }
            """;

    Counters(int documents) {
        this(documents, STEP + CHUNKS, _ -> true);
    }

    /** The run is for one group of counters, in an index in which every write of the app and of the run moves them. */
    static Counters ofOneGroup(int documents) {
        return new Counters(documents, "where: { index: %s, equals: { group: 1 } }\n".formatted(CountersServer.INDEX)
                + STEP + CHUNKS, number -> number % CountersServer.GROUPS == 1);
    }

    /** It is a function in JavaScript that adds one. */
    static Counters byFunction(int documents) {
        return new Counters(documents, "transform: { javascript: ./add.js, function: add }\n" + CHUNKS, _ -> true);
    }

    @Override
    public String table() {
        return CountersServer.TABLE;
    }

    @Override
    public int selected() {
        return (int) IntStream.range(0, documents).filter(isSelected).count();
    }

    @Override
    public JavaProcess serve(Place place) {
        try {
            Files.writeString(place.folder().resolve("add.js"),
                    "export const add = (doc) => ({ counter: doc.counter + 1 });\n");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        JavaProcess process = JavaProcess.start(CountersServer.class, List.of("-Xmx2g"), Map.of(),
                Integer.toString(place.port()), place.documents().toString(), Place.KEY, Integer.toString(documents));
        process.awaitLine(line -> line.startsWith("serving"));
        return process;
    }

    @Override
    public JavaProcess startApp(Place place) {
        JavaProcess process = JavaProcess.start(CountersApp.class, List.of("-Xmx256m"), Map.of(),
                place.url().toString(), Place.KEY, place.writes().toString());
        process.awaitLine("writing"::equals);
        return process;
    }

    @Override
    public List<String> wrong(DeploymentReader deployment, AppWrites app) {
        List<String> wrong = new ArrayList<>();
        deployment.forEach(CountersServer.TABLE, document -> {
            int added = isSelected.test(document.get("number").asInt()) ? 1 : 0;
            if (!isAsTheAppLeftIt(document, app, added)) {
                wrong.add("%s, confirmed %s".formatted(document, app.confirmed(document.get("_id").asString())));
            }
        });
        return wrong;
    }

    /** Whether a counter has every write of the app, and {@code added} besides. */
    static boolean isAsTheAppLeftIt(JsonNode counter, AppWrites app, int added) {
        List<Long> writes = writes(counter);
        return counter.get("counter").asLong() == added + CountersServer.APP_ADDS * (long) writes.size()
                && app.areThese(counter.get("_id").asString(), writes);
    }

    /** The numbers of the app's writes in a counter, in their order. */
    static List<Long> writes(JsonNode counter) {
        List<Long> writes = new ArrayList<>();
        counter.get("writes").forEach(number -> writes.add(number.asLong()));
        return writes;
    }
}
