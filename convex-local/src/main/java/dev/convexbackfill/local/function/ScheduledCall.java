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
package dev.convexbackfill.local.function;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.Map;

/** The rows of {@code _scheduled_functions}, as apps see them. */
final class ScheduledCall {

    private ScheduledCall() {}

    static ConvexObject pending(String path, ConvexObject args, double time) {
        return ConvexObject.builder()
                .put("name", path)
                .put("args", ConvexValue.array(args))
                .put("scheduledTime", time)
                .put("state", state("pending"))
                .build();
    }

    static boolean isPending(ConvexObject row) {
        return row.object("state").string("kind").equals("pending");
    }

    /** What to patch into the row of a call that was taken back at {@code time}. */
    static Map<String, ConvexValue> canceled(double time) {
        return Map.of("state", state("canceled"), "completedTime", ConvexValue.number(time));
    }

    private static ConvexObject state(String kind) {
        return ConvexObject.of("kind", ConvexValue.of(kind));
    }
}
