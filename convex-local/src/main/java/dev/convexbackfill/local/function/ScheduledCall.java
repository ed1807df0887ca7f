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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code _scheduled_functions}, as apps see them. A mutation's goes from pending to an end in one step, an
 * action's by way of inProgress, so that no action is begun twice. Source: {@code crates/model/src/scheduled_jobs} of the
 * Convex backend.
 */
final class ScheduledCall {

    /** Rows by state, then by time, then in the order in which they were made. */
    static final String BY_STATE = "by_state";
    /** Rows by the time of their end; those without one come first. */
    static final String BY_COMPLETED_TIME = "by_completed_time";
    static final Map<String, List<String>> INDEXES = Map.of(
            BY_STATE, List.of("state.kind", "scheduledTime", "_creationTime"),
            BY_COMPLETED_TIME, List.of("completedTime"));

    static final String PENDING = "pending";
    static final String IN_PROGRESS = "inProgress";

    private ScheduledCall() {}

    static ConvexObject pending(FunctionDefinition function, ConvexObject args, double time) {
        return row(function, args, time).put("state", state(PENDING)).build();
    }

    /** What an action schedules that was itself canceled. */
    static ConvexObject neverRun(FunctionDefinition function, ConvexObject args, double now) {
        return row(function, args, now).put("state", state("canceled")).put("completedTime", now).build();
    }

    private static ConvexObject.Builder row(FunctionDefinition function, ConvexObject args, double time) {
        return ConvexObject.builder()
                .put("name", function.path().replaceFirst(":", ".js:"))
                .put("args", ConvexValue.array(args))
                .put("scheduledTime", time);
    }

    static String name(ConvexObject row) {
        return row.string("name");
    }

    static ConvexObject args(ConvexObject row) {
        ConvexArray args = row.array("args");
        return (ConvexObject) args.get(0);
    }

    static boolean isPending(@Nullable ConvexObject row) {
        return row != null && kind(row).equals(PENDING);
    }

    /** True while it may still be taken back. */
    static boolean isUnfinished(@Nullable ConvexObject row) {
        return row != null && (kind(row).equals(PENDING) || kind(row).equals(IN_PROGRESS));
    }

    static boolean isCanceled(@Nullable ConvexObject row) {
        return row != null && kind(row).equals("canceled");
    }

    /** Whether this very execution runs it. */
    static boolean isRunBy(@Nullable ConvexObject row, Execution execution) {
        return row != null && inProgress(execution).get("state") instanceof ConvexObject state
                && row.object("state").equals(state);
    }

    private static String kind(ConvexObject row) {
        return row.object("state").string("kind");
    }

    /** What to patch into a row that begins to run. */
    static Map<String, ConvexValue> inProgress(Execution execution) {
        return Map.of("state", ConvexObject.builder()
                .put("kind", IN_PROGRESS)
                .put("request_id", execution.requestId())
                .put("execution_id", execution.id().toString())
                .build());
    }

    /** What to patch into the row of a call that was taken back at {@code time}. */
    static Map<String, ConvexValue> canceled(double time) {
        return end(state("canceled"), time);
    }

    static Map<String, ConvexValue> succeeded(double time) {
        return end(state("success"), time);
    }

    static Map<String, ConvexValue> failed(String error, double time) {
        return end(ConvexObject.of("kind", ConvexValue.of("failed"), "error", ConvexValue.of(error)), time);
    }

    private static Map<String, ConvexValue> end(ConvexObject state, double time) {
        Map<String, ConvexValue> changes = new HashMap<>();
        changes.put("state", state);
        changes.put("completedTime", ConvexValue.number(time));
        return changes;
    }

    private static ConvexObject state(String kind) {
        return ConvexObject.of("kind", ConvexValue.of(kind));
    }
}
