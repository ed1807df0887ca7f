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
package dev.convexbackfill.local.faults;

import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import java.time.Duration;

/**
 * Which calls go wrong, and how. A number N means every Nth call, 0 none. Calls are counted per fault. On a websocket,
 * mutations and actions are disturbed: what is answered 429 or 503 over HTTP closes the socket with 1013 there, and what breaks
 * the connection cuts it. Queries that are watched are left alone.
 *
 * @param latency           how long every call is held before it is carried out
 * @param rateLimited       calls answered 429; nothing is carried out
 * @param overloaded        calls answered 503; nothing is carried out
 * @param resetBeforeCommit mutations whose connection breaks before they are carried out
 * @param replyLost         mutations whose connection breaks after they were committed
 * @param conflict          attempts of mutations that are treated as conflicting, each followed by Convex's own retries
 * @param functions         only functions whose path begins with this are disturbed
 */
public record Faults(Duration latency, int rateLimited, int overloaded, int resetBeforeCommit, int replyLost,
        int conflict, String functions) {

    public static final Faults NONE = new Faults(Duration.ZERO, 0, 0, 0, 0, 0, "");

    public Faults withLatency(Duration time) {
        return new Faults(time, rateLimited, overloaded, resetBeforeCommit, replyLost, conflict, functions);
    }

    /** {@link #toJson}'s form; fields that are missing are off. Throws {@link InvalidValueException} for any other field. */
    public static Faults fromJson(ConvexObject json) {
        for (String name : json.names()) {
            if (!NONE.toJson().has(name)) {
                throw new InvalidValueException("There is no fault named '%s'; there are %s".formatted(name,
                        String.join(", ", NONE.toJson().names())));
            }
        }
        String functions = json.optionalString("functions");
        return new Faults(Duration.ofMillis(number(json, "latencyMillis")), number(json, "rateLimited"),
                number(json, "overloaded"), number(json, "resetBeforeCommit"), number(json, "replyLost"),
                number(json, "conflict"), functions == null ? "" : functions);
    }

    private static int number(ConvexObject json, String name) {
        ConvexValue value = json.get(name);
        if (value == null) {
            return 0;
        }
        if (value instanceof ConvexFloat64(double n) && n >= 0 && n <= 1e9 && n == Math.rint(n)) {
            return (int) n;
        }
        throw new InvalidValueException("The fault '%s' must be a whole number".formatted(name));
    }

    public ConvexObject toJson() {
        return ConvexObject.builder()
                .put("latencyMillis", (double) latency.toMillis())
                .put("rateLimited", rateLimited)
                .put("overloaded", overloaded)
                .put("resetBeforeCommit", resetBeforeCommit)
                .put("replyLost", replyLost)
                .put("conflict", conflict)
                .put("functions", functions)
                .build();
    }
}
