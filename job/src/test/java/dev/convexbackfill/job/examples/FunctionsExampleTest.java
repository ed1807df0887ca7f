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
package dev.convexbackfill.job.examples;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plans of {@code examples/functions}, whose functions find and write the users of the example app. */
class FunctionsExampleTest {

    private static final int USERS = 240;

    @TempDir
    private Path folder;

    @Test
    void theAppsOwnFunctionsFindAndWrite() {
        try (ExampleApp app = new ExampleApp(folder, "examples/functions/members.ts")) {
            app.seed("users", USERS);
            Map<String, ConvexObject> before = app.documents("users");

            String output = app.run("functions/name-members.yaml", 3);

            List<String> named = new ArrayList<>();
            List<String> refused = new ArrayList<>();
            app.documents("users").forEach((id, user) -> {
                ConvexObject old = requireNonNull(before.get(id));
                String[] names = old.string("fullName").strip().split("\\s+", 2);
                boolean isMember = old.string("city").equals("Paris");
                if (isMember && (names.length == 1 || names[1].replaceAll("\\s+", " ").length() > 12)) {
                    refused.add(id);
                } else if (isMember) {
                    named.add(id);
                    old = old.with("firstName", ConvexValue.of(names[0])).with("lastName",
                            ConvexValue.of(names[1].replaceAll("\\s+", " ")));
                }
                assertThat(user).describedAs(id).isEqualTo(old);
            });
            assertThat(named).hasSizeGreaterThan(20);
            assertThat(refused).hasSizeGreaterThan(3);
            assertThat(app.documents("events").values()).extracting(event -> event.string("user"))
                    .containsExactlyInAnyOrderElementsOf(named);
            assertThat(output).contains(
                    "Mind that the run calls members:setName at least once for each document; after a crash"
                            + " some are called again; no compare-and-set unless it does that itself; can not be undone.",
                    "Mind that the run covers only the documents that members:inCity returns while the run looks for them;"
                            + " what it adds to them, the steps don't see.")
                    .containsPattern("called +%d   by 'members:setName', at least once each".formatted(named.size()))
                    .containsPattern("quarantined +%d ".formatted(refused.size()));
            Map<String, ConvexObject> afterNames = app.documents("users");

            app.run("functions/forget-visits.yaml", 0);

            app.documents("users").forEach((id, user) -> {
                ConvexObject old = requireNonNull(afterNames.get(id));
                assertThat(user).isEqualTo(
                        old.number("visits") < 3 ? old.with("visits", ConvexValue.number(0)) : old);
            });
        }
    }
}
