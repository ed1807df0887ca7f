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
import java.util.List;
import java.util.Map;

/** Counters to which a run adds one, and an app a thousand with each of its writes. So each tells how often both happened. */
record Counters(int documents) implements Scenario {

    @Override
    public String table() {
        return CountersServer.TABLE;
    }

    @Override
    public String plan() {
        return """
                transform:
                  - increment: { field: counter, by: 1 }
                ranges: 16
                chunk: { documents: 100 }
                """;
    }

    @Override
    public JavaProcess serve(Place place) {
        JavaProcess process = JavaProcess.start(CountersServer.class, List.of("-Xmx1g"), Map.of(),
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
            String id = document.get("_id").asString();
            List<Long> writes = new ArrayList<>();
            document.get("writes").forEach(number -> writes.add(number.asLong()));
            if (document.get("counter").asLong() != 1 + CountersServer.APP_ADDS * (long) writes.size()
                    || !app.areThese(id, writes)) {
                wrong.add("%s, confirmed %s".formatted(document, app.confirmed(id)));
            }
        });
        return wrong;
    }
}
