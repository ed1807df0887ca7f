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

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.job.cli.Backfill;
import dev.convexbackfill.testsupport.ConvexApp;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.NodeProject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The users of {@code examples/app}, which a local deployment serves as users would have it do, with {@code backfill.ts} in it. A
 * run gives them a better shape and adds {@value #ADDED} to their visits. Meanwhile others call the app's own functions with
 * Convex's own client, in Node ({@code convex/test/example}): they visit users, which adds 1, and rename them.
 */
final class ExampleUsers implements Scenario {

    private static final int USERS = 2200;
    private static final int ADDED = 1_000_000;
    private static final int SEEDED_AT_ONCE = 200;
    private static final String TABLE = "users";
    private static final String LEFT_OUT = "runs over an app whose functions are in TypeScript";

    private final Path app;
    /** The users as they were, by id. */
    private final Map<String, ObjectNode> before = new HashMap<>();

    /** Copies the app to a new folder. Ends the test where there is no Node. */
    ExampleUsers(Path folder) {
        app = ConvexApp.in(folder, LEFT_OUT).withCopy("examples/app/convex").withCopy("convex/backfill.ts").folder();
    }

    @Override
    public String table() {
        return TABLE;
    }

    @Override
    public int documents() {
        return USERS;
    }

    @Override
    public String plan() {
        return """
                transform:
                  - increment: { field: visits, by: %d }
                  # of those with one name only the next step makes the first name
                  - split: { from: fullName, into: [firstName, lastName], at: whitespace, onError: keep }
                  - rename: { from: fullName, to: firstName, when: '!has(doc.firstName)' }
                  - drop: fullName
                  - nest: { fields: [theme, language], into: settings, defaults: { language: fr } }
                ranges: 16
                chunk: { documents: 40 }
                """.formatted(ADDED);
    }

    @Override
    public JavaProcess serve(Place place) {
        // without Java's best compiler JavaScript would be slower still
        JavaProcess process = JavaProcess.start(Backfill.class,
                List.of("-Xmx1g", "-XX:TieredStopAtLevel=4",
                        "-Dbackfill.log.file=" + place.folder().resolve("local.log")),
                Map.of(), "local",
                "--functions", app.toString(), "--port", Integer.toString(place.port()), "--admin-key", Place.KEY,
                "--data", place.documents().toString());
        process.awaitLine(line -> line.startsWith("A local Convex deployment is serving"));
        assertThat(process.output()).describedAs("twins run where the app lacks a module")
                .noneMatch(line -> line.contains("no module 'backfill'"));
        if (before.isEmpty()) {
            DeploymentReader deployment = place.deployment();
            for (int n = 0; n < USERS; n += SEEDED_AT_ONCE) {
                deployment.call("mutation", "users:seed", Map.of("from", n, "count", SEEDED_AT_ONCE));
            }
            deployment.forEach(TABLE, user -> before.put(id(user), (ObjectNode) user));
        }
        return process;
    }

    @Override
    public JavaProcess startApp(Place place) {
        JavaProcess process = NodeProject.in("convex", LEFT_OUT).start(Map.of(), "node", "--import", "tsx",
                "test/example/visitors.ts", place.url().toString(), place.writes().toString());
        process.awaitLine("writing"::equals);
        return process;
    }

    @Override
    public List<String> wrong(DeploymentReader deployment, AppWrites app) {
        Map<String, List<Long>> visits = new HashMap<>();
        Map<String, Integer> renames = new HashMap<>();
        deployment.forEach("events", event -> {
            String user = event.get("user").asString();
            switch (event.get("kind").asString()) {
                case "visit" -> visits.computeIfAbsent(user, _ -> new ArrayList<>()).add(event.get("n").asLong());
                case "renamed" -> renames.merge(user, 1, Integer::sum);
                default -> throw new AssertionError(event);
            }
        });
        List<String> wrong = new ArrayList<>();
        deployment.forEach(TABLE, user -> {
            String id = id(user);
            List<Long> counted = visits.getOrDefault(id, List.of());
            ObjectNode old = before.get(id);
            boolean isRight = old != null
                    && app.areThese("visits/" + id, counted)
                    && app.canBe("names/" + id, renames.getOrDefault(id, 0))
                    && user.get("visits").asLong() == old.get("visits").asLong() + counted.size() + ADDED
                    && possibleNames(old, app).anyMatch(name -> expected(old, user, name).equals(user));
            if (!isRight) {
                wrong.add("%s was %s, visits %s confirmed %s, %d renames confirmed %s".formatted(user, old, counted,
                        app.confirmed("visits/" + id), renames.getOrDefault(id, 0), app.confirmed("names/" + id)));
            }
        });
        return wrong;
    }

    private static String id(JsonNode document) {
        return document.get("_id").asString();
    }

    /** What the user can be called now, in words. */
    private static Stream<String> possibleNames(ObjectNode old, AppWrites app) {
        String target = "names/" + id(old);
        Stream<String> given = app.possiblyLast(target).stream().map(n -> "Given%d Family%d".formatted(n, n));
        return app.confirmed(target).isEmpty() ? Stream.concat(Stream.of(old.get("fullName").asString()), given)
                : given;
    }

    /** The user in the new shape, with the visits that it has, and everything else as it was. */
    private static ObjectNode expected(ObjectNode old, JsonNode user, String fullName) {
        ObjectNode expected = old.deepCopy();
        expected.set("visits", user.get("visits"));
        expected.remove(List.of("fullName", "theme", "language"));
        String[] words = fullName.strip().split("\\s+", 2);
        expected.put("firstName", words[0]);
        if (words.length > 1) {
            expected.put("lastName", words[1]);
        }
        expected.putObject("settings").put("theme", old.get("theme").asString())
                .put("language", old.path("language").asString("fr"));
        return expected;
    }
}
