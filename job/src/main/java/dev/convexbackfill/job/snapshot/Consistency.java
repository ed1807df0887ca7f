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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.job.progress.ProgressText;

/** What the content of a table in a snapshot can promise. */
public sealed interface Consistency {

    /**
     * It is the table as of one time, the same for all tables of the snapshot.
     *
     * @param timestamp nanoseconds since 1970, by the deployment's clock
     */
    record AtTimestamp(long timestamp) implements Consistency {}

    /**
     * The table was read from end to end several times, until two readings were the same. If they were, it is the table as it was
     * between them, but for a document that was changed, inserted or deleted after the first had read its place and then put back
     * before the second did. Tables of one snapshot are of different times.
     *
     * @param passes    how often it was read
     * @param timestamp between the last two, in nanoseconds since 1970, by the deployment's clock
     * @param differing how many documents were not the same in the last two; 0 unless the app went on writing all the time
     */
    record Scanned(int passes, long timestamp, long differing) implements Consistency {}

    /** When it was so. */
    long timestamp();

    /** True if it is the table as of one time, as far as reading can tell. */
    default boolean isSettled() {
        return !(this instanceof Scanned(_, _, long differing)) || differing == 0;
    }

    /** In words. */
    default String text() {
        return switch (this) {
            case AtTimestamp _ -> "as of one time (streaming export)";
            case Scanned(int passes, _, long differing) when differing == 0 -> "read %d times, the last two alike"
                    .formatted(passes);
            case Scanned(int passes, _, long differing) -> "read %d times, and %s documents still changed between the last two: not as of one time"
                    .formatted(passes, ProgressText.number(differing));
        };
    }

    /** {@link #fromObject} reads it again. */
    default ConvexObject toObject() {
        return switch (this) {
            case AtTimestamp(long timestamp) -> ConvexObject.of("kind", ConvexValue.of("streamingExport"), "timestamp",
                    ConvexValue.int64(timestamp));
            case Scanned(int passes, long timestamp, long differing) -> ConvexObject.builder()
                    .put("kind", "verifiedScan")
                    .put("passes", ConvexValue.int64(passes)).put("timestamp", ConvexValue.int64(timestamp))
                    .put("differing", ConvexValue.int64(differing)).build();
        };
    }

    /** Throws {@link InvalidValueException} for what {@link #toObject} does not write. */
    static Consistency fromObject(ConvexObject object) {
        long timestamp = ((ConvexInt64) object.require("timestamp")).value();
        return switch (object.string("kind")) {
            case "streamingExport" -> new AtTimestamp(timestamp);
            case "verifiedScan" -> new Scanned((int) ((ConvexInt64) object.require("passes")).value(), timestamp,
                    ((ConvexInt64) object.require("differing")).value());
            default -> throw new InvalidValueException("The content is of a kind that this version does not know");
        };
    }
}
