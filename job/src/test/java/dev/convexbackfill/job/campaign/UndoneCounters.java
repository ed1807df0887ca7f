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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.testsupport.JavaProcess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Counters of which everything that a run does to them is undone. What is left is what the app has written. */
final class UndoneCounters implements Scenario {

    /** What the run does, and so what is to be undone. */
    enum Way {
        PATCH("""
                transform:
                  - split: { from: name, into: [first, last], at: whitespace }
                  - set: { field: note, value: written by the run }
                  - drop: name
                """), COPY("write: { insertInto: %s }\ntransform: [{ copy: { from: _id, to: source } }]\n"
                .formatted(CountersServer.COPIES)), DELETE("write: delete\nconfirm: delete\n");

        private final String plan;

        Way(String plan) {
            this.plan = plan;
        }
    }

    private final Counters counters;
    private final Way way;
    private final Map<Integer, String> ids = new HashMap<>();

    UndoneCounters(int documents, Way way) {
        this.counters = new Counters(documents);
        this.way = way;
    }

    @Override
    public String table() {
        return counters.table();
    }

    @Override
    public int documents() {
        return counters.documents();
    }

    @Override
    public String plan() {
        return way.plan + "ranges: 16\nchunk: { documents: 100 }\n";
    }

    @Override
    public JavaProcess serve(Place place) {
        return counters.serve(place);
    }

    @Override
    public JavaProcess startApp(Place place) {
        place.deployment().forEach(table(),
                document -> ids.put(document.get("number").asInt(), document.get("_id").asString()));
        return counters.startApp(place);
    }

    @Override
    public List<String> wrong(DeploymentReader deployment, AppWrites app) {
        List<String> wrong = new ArrayList<>();
        deployment.forEach(table(), document -> {
            if (!isRight(document, app)) {
                wrong.add("%s, confirmed %s".formatted(document,
                        app.confirmed(id(document))));
            }
        });
        deployment.forEach(CountersServer.COPIES, document -> {
            if (document.has("source")) {
                wrong.add("a copy that is left: " + document);
            }
        });
        return wrong;
    }

    /** The one that the app knows. */
    private String id(JsonNode document) {
        return requireNonNull(ids.get(document.get("number").asInt()));
    }

    private boolean isRight(JsonNode document, AppWrites app) {
        int number = document.get("number").asInt();
        List<Long> writes = new ArrayList<>();
        document.get("writes").forEach(write -> writes.add(write.asLong()));
        String last = writes.reversed().stream().filter(CountersServer::writesLastName).findFirst()
                .map(CountersServer::lastName).orElse("");
        return app.areThese(id(document), writes)
                && document.get("counter").asLong() == CountersServer.APP_ADDS * (long) writes.size()
                && document.path("name").asString("").equals(CountersServer.name(number))
                && document.get("note").asString().equals(CountersServer.NOTE)
                && !document.has("first")
                && document.path("last").asString("").equals(last);
    }
}
