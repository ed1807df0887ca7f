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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Counters of which a run makes copies that have one more, while an app adds to the originals. Each copy must be of a moment: what
 * it has of the app's writes are the first of those that its original has.
 */
record Copies(Counters originals) implements Scenario {

    @Override
    public String table() {
        return originals.table();
    }

    @Override
    public int documents() {
        return originals.documents();
    }

    @Override
    public String plan() {
        return """
                transform:
                  - copy: { from: _id, to: original }
                  - increment: { field: counter, by: 1 }
                write: { insertInto: %s }
                ranges: 16
                chunk: { documents: 100 }
                """.formatted(CountersServer.COPIES);
    }

    @Override
    public JavaProcess serve(Place place) {
        return originals.serve(place);
    }

    @Override
    public JavaProcess startApp(Place place) {
        return originals.startApp(place);
    }

    @Override
    public List<String> wrong(DeploymentReader deployment, AppWrites app) {
        List<String> wrong = new ArrayList<>();
        Map<String, JsonNode> uncopied = new HashMap<>();
        deployment.forEach(table(), original -> {
            if (!Counters.isAsTheAppLeftIt(original, app, 0)) {
                wrong.add("original " + original);
            }
            uncopied.put(original.get("_id").asString(), original);
        });
        forEach(deployment, copy -> {
            // a second copy finds no original any more
            JsonNode original = uncopied.remove(copy.get("original").asString());
            if (original == null || !isOfAMoment(copy, original)) {
                wrong.add("copy %s of %s".formatted(copy, original));
            }
        });
        uncopied.values().forEach(original -> wrong.add("no copy of " + original));
        return wrong;
    }

    /** Shows every copy to {@code visitor}. */
    static void forEach(DeploymentReader deployment, Consumer<JsonNode> visitor) {
        deployment.forEach(CountersServer.COPIES, document -> {
            if (document.has("original")) {
                visitor.accept(document);
            }
        });
    }

    private static boolean isOfAMoment(JsonNode copy, JsonNode original) {
        List<Long> writes = Counters.writes(copy);
        List<Long> all = Counters.writes(original);
        return writes.size() <= all.size() && writes.equals(all.subList(0, writes.size()))
                && copy.get("counter").asLong() == 1 + CountersServer.APP_ADDS * (long) writes.size()
                && copy.get("number").equals(original.get("number"));
    }
}
