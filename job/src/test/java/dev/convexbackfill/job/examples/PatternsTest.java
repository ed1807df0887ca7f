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

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each pattern, run over the example app; every document is compared with what plain Java makes of the one before. */
class PatternsTest {

    private static final int USERS = 230;
    private static final ZoneId PARIS = ZoneId.of("Europe/Paris");

    @TempDir
    private static @Nullable Path folder;
    private static @Nullable ExampleApp started;

    @BeforeAll
    static void start() {
        started = new ExampleApp(Objects.requireNonNull(folder));
    }

    @AfterAll
    static void stop() {
        if (started != null) {
            started.close();
        }
    }

    private static ExampleApp app() {
        return Objects.requireNonNull(started);
    }

    /** Runs a plan over a table; {@code change} does the same to the fields of one document. */
    private static void requireSame(String table, String plan, int exitCode,
            Consumer<Map<String, ConvexValue>> change) {
        Map<String, ConvexObject> expected = app().documents(table);
        expected.replaceAll((_, document) -> {
            Map<String, ConvexValue> fields = new HashMap<>(document.toMap());
            change.accept(fields);
            return ConvexObject.copyOf(fields);
        });

        app().run(plan, exitCode);

        Map<String, ConvexObject> found = app().documents(table);
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        for (Entry<String, ConvexObject> document : expected.entrySet()) {
            assertThat(found.get(document.getKey())).isEqualTo(document.getValue());
        }
    }

    private static @Nullable String text(Map<String, ConvexValue> fields, String name) {
        ConvexValue value = fields.get(name);
        return value == null ? null : ConvexObject.of("it", value).string("it");
    }

    private static void setText(Map<String, ConvexValue> fields, String name, String value) {
        fields.put(name, ConvexValue.of(value));
    }

    private static double number(Map<String, ConvexValue> fields, String name) {
        return ConvexObject.copyOf(fields).number(name);
    }

    private static String words(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    @Test
    void aNameBecomesTwoAndOneAgain() {
        app().seed("users", USERS);
        requireSame("users", "patterns/split-names.yaml", 3, user -> {
            String[] parts = words(Objects.requireNonNull(text(user, "fullName"))).split(" ", 2);
            if (parts.length == 2) {
                setText(user, "fullName", String.join(" ", parts));
                setText(user, "firstName", parts[0]);
                setText(user, "lastName", parts[1]);
            }
        });
        requireSame("users", "patterns/combine-names.yaml", 0, user -> {
            if (user.containsKey("firstName")) {
                setText(user, "fullName", text(user, "lastName") + ", " + text(user, "firstName"));
            }
        });
    }

    @Test
    void everyFieldOfAnOrderGetsItsType() {
        app().seed("orders", USERS);
        requireSame("orders", "patterns/convert-orders.yaml", 3, order -> {
            String total = Objects.requireNonNull(text(order, "total"));
            if (total.contains(",")) {
                return;
            }
            order.put("total", ConvexValue.number(Double.parseDouble(total)));
            setText(order, "zip", Long.toString((long) number(order, "zip")));
            order.put("paid", ConvexValue.of("yes".equals(text(order, "paid"))));
            order.put("orderedOn",
                    ConvexValue.number((double) LocalDate.parse(text(order, "orderedOn")).atStartOfDay(PARIS)
                            .toInstant().toEpochMilli()));
            if (order.containsKey("shippedAt")) {
                setText(order, "shippedAt", Instant.ofEpochMilli((long) number(order, "shippedAt")).atZone(PARIS)
                        .toLocalDate().toString());
            }
            order.put("quantity", ConvexValue.int64((long) number(order, "quantity")));
            order.put("stock", ConvexValue.number(stock(order)));
        });
    }

    private static double stock(Map<String, ConvexValue> order) {
        return (double) ((ConvexInt64) Objects.requireNonNull(order.get("stock"))).value();
    }

    @Test
    void whatUsersHaveTypedGetsItsOneForm() {
        app().seed("users", USERS);
        requireSame("users", "patterns/normalize-users.yaml", 0, user -> {
            setText(user, "email", Objects.requireNonNull(text(user, "email")).strip().toLowerCase(Locale.ROOT));
            if (user.containsKey("phone")) {
                setText(user, "phone", "+1" + Objects.requireNonNull(text(user, "phone")).replaceAll("\\D", ""));
            }
            if (user.containsKey("website")) {
                setText(user, "website", Objects.requireNonNull(text(user, "website")).replace("HTTP://Example.com:80",
                        "http://example.com"));
            }
            setText(user, "fullName", words(Objects.requireNonNull(text(user, "fullName"))));
            setText(user, "theme", Objects.requireNonNull(text(user, "theme")).toUpperCase(Locale.ROOT));
        });
    }

    @Test
    void whatBelongsTogetherMovesIntoObjectsAndBack() {
        app().seed("users", USERS);
        requireSame("users", "patterns/profile-settings.yaml", 0, user -> {
            ConvexObject.Builder profile = ConvexObject.builder();
            for (String name : List.of("bio", "city")) {
                ConvexValue value = user.remove(name);
                if (value != null) {
                    profile.put(name, value);
                }
            }
            user.put("profile", profile.put("email", Objects.requireNonNull(user.get("email"))).build());
            ConvexValue theme = user.remove("theme");
            ConvexValue language = user.remove("language");
            user.put("settings", ConvexObject.of("theme", theme == null ? ConvexValue.of("light") : theme, "language",
                    language == null ? ConvexValue.of("en") : language));
        });
        requireSame("users", "patterns/flat-settings.yaml", 0, user -> {
            ConvexObject settings = (ConvexObject) Objects.requireNonNull(user.remove("settings"));
            setText(user, "theme", settings.string("theme"));
            setText(user, "language", settings.string("language"));
        });
    }

    @Test
    void aTextBecomesAnArray() {
        app().seed("users", USERS);
        requireSame("users", "patterns/interests.yaml", 0, user -> user.put("interests", Arrays
                .stream(Objects.requireNonNull(text(user, "interests")).split(",")).map(String::strip)
                .filter(interest -> !interest.isEmpty()).distinct().map(interest -> interest.toUpperCase(Locale.ROOT))
                .map(ConvexValue::of)
                .collect(Collectors.collectingAndThen(Collectors.toList(), PatternsTest::array))));
    }

    private static ConvexArray array(List<? extends ConvexValue> values) {
        return ConvexValue.array(values);
    }

    @Test
    void creditsBecomeABalance() {
        app().seed("users", USERS);
        requireSame("users", "patterns/credits.yaml", 0, user -> {
            String credits = text(user, "credits");
            user.remove("credits");
            long balance = credits == null || credits.isEmpty() ? 0 : Long.parseLong(credits);
            user.put("balance", ConvexValue.int64(number(user, "visits") > 7 ? balance + 10 : balance));
            user.put("newsletter", ConvexValue.of("true".equals(text(user, "newsletter"))));
        });
    }

    @Test
    void onlyTheUsersOfACityOrOfATime() {
        app().seed("users", USERS);
        requireSame("users", "where/users-of-a-city.yaml", 0, user -> {
            if ("Paris".equals(text(user, "city")) && number(user, "visits") >= 5 && user.containsKey("bio")) {
                user.put("visits", ConvexValue.number(number(user, "visits") + 100));
            }
        });
        assertThat(app().documents("users").values()).filteredOn(user -> user.number("visits") > 100).hasSize(12);
        requireSame("users", "where/new-users.yaml", 0,
                user -> user.putIfAbsent("language", ConvexValue.of("en")));
    }
}
