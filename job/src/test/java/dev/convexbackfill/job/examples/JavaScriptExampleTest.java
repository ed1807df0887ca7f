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
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The function of {@code examples/javascript}, run over the example app, with what plain Java makes of each document. */
class JavaScriptExampleTest {

    private static final int USERS = 120;

    @TempDir
    private Path folder;

    @Test
    void everyUserGetsAProfile() {
        try (ExampleApp app = new ExampleApp(folder)) {
            app.seed("users", USERS);
            Map<String, ConvexObject> before = app.documents("users");

            app.run("javascript/plan.yaml", 3);

            Map<String, ConvexObject> after = app.documents("users");
            assertThat(after.keySet()).isEqualTo(before.keySet());
            after.forEach(
                    (id, user) -> assertThat(user).describedAs(id).isEqualTo(expected(requireNonNull(before.get(id)))));
            assertThat(after.values()).anyMatch(user -> user.has("profile"));
            assertThat(after.values()).anyMatch(user -> !user.has("profile"));
        }
    }

    private static ConvexObject expected(ConvexObject user) {
        String[] words = user.string("fullName").strip().split("\\s+", -1);
        String credits = user.has("credits") ? user.string("credits").strip() : "";
        boolean isNumber = credits.matches("-?\\d*");
        if (words.length == 1 || !isNumber) {
            return user;
        }
        ConvexObject.Builder profile = ConvexObject.builder();
        for (String field : new String[]{"bio", "city"}) {
            if (user.has(field)) {
                profile.put(field, user.string(field));
            }
        }
        profile.put("email", user.string("email").toLowerCase(Locale.ROOT));
        String rest = String.join(" ", Arrays.copyOfRange(words, 1, words.length));
        return user.with("firstName", ConvexValue.of(words[0])).with("lastName", ConvexValue.of(rest))
                .with("profile", profile.build())
                .with("balance", ConvexValue.int64(credits.isEmpty() ? 0 : Long.parseLong(credits)))
                .without("bio").without("city").without("credits");
    }
}
