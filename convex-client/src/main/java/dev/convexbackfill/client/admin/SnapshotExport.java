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
package dev.convexbackfill.client.admin;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes snapshots of a deployment and saves them as ZIP files, which {@code npx convex import} reads. A snapshot is of one
 * time, and the deployment keeps it for two weeks. Stands on a system function that Convex may change: an answer of another
 * shape is a {@link ConvexException} that says so.
 */
public final class SnapshotExport {

    private static final FunctionPath LATEST = new FunctionPath("_system/cli/exports:getLatest");
    private static final Duration POLL = Duration.ofMillis(500);

    private final ConvexClient client;
    private final CallOptions options;

    /** Makes its calls with {@code client}, which has a deploy key. The options' stop signal ends the wait. */
    public SnapshotExport(ConvexClient client, CallOptions options) {
        this.client = client;
        this.options = options;
    }

    /**
     * A snapshot that can be saved.
     *
     * @param timestamp as of when it is, in nanoseconds since 1970
     * @param size      of the file, in bytes
     */
    public record Snapshot(String id, long timestamp, long size) {}

    /**
     * Makes a snapshot and waits for it. Throws {@link ConvexException}: as REQUEST_REFUSED if the deployment makes one
     * already, or fails to; as ABANDONED if the wait is stopped, and then the snapshot is made all the same.
     *
     * @param includeStorage true to have the stored files in it
     */
    public Snapshot create(boolean includeStorage) {
        String before = latestId();
        try {
            client.post("/api/export/request/zip?includeStorage=" + includeStorage, new byte[0], options);
        } catch (ConvexException unknown) {
            if (unknown.category() != FailureCategory.OUTCOME_UNKNOWN || isSame(before, latestId())) {
                throw unknown;
            }
            // only the answer was lost
        }
        while (true) {
            ConvexObject latest = latest();
            if (latest != null && !isSame(before, latest.string("_id"))) {
                Snapshot done = finished(latest);
                if (done != null) {
                    return done;
                }
            }
            if (options.stop().await(POLL)) {
                throw new ConvexException(FailureCategory.ABANDONED,
                        "The wait for the snapshot was abandoned because of a stop; the deployment makes it all the same",
                        null);
            }
        }
    }

    private static boolean isSame(@Nullable String before, @Nullable String now) {
        return now == null ? before == null : now.equals(before);
    }

    private @Nullable String latestId() {
        ConvexObject latest = latest();
        return latest == null ? null : latest.string("_id");
    }

    private @Nullable ConvexObject latest() {
        ConvexValue latest = client.query(LATEST, ConvexObject.EMPTY, options).value();
        return latest instanceof ConvexObject row ? row : null;
    }

    /** Null while it is being made. */
    private static @Nullable Snapshot finished(ConvexObject row) {
        try {
            return switch (row.string("state")) {
                case "requested", "in_progress" -> null;
                case "completed" -> new Snapshot(row.string("_id"), int64(row, "start_ts"), int64(row, "size"));
                default -> throw new ConvexException(FailureCategory.REQUEST_REFUSED,
                        "The snapshot '%s' is '%s'; look at the deployment's log and ask for another".formatted(
                                row.string("_id"), row.string("state")),
                        null);
            };
        } catch (InvalidValueException | ClassCastException unexpected) {
            String text = ConvexJson.encodeToString(row);
            throw new ConvexException(FailureCategory.REQUEST_REFUSED,
                    "'%s' answered in a form that this version does not know: %s".formatted(LATEST,
                            text.substring(0, Math.min(text.length(), 200))),
                    unexpected);
        }
    }

    private static long int64(ConvexObject row, String field) {
        return ((ConvexInt64) row.require(field)).value();
    }

    /**
     * Saves a snapshot, replacing {@code file}, which is there as a whole or not at all. Throws {@link ConvexException}, and
     * {@link UncheckedIOException} if it can't be written.
     */
    public void save(Snapshot snapshot, Path file) {
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        try {
            try (OutputStream out = Files.newOutputStream(unfinished)) {
                client.download("/api/export/zip/" + snapshot.timestamp(), out, options);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException unwritable) {
            throw new UncheckedIOException("The snapshot can't be written to '%s'".formatted(file), unwritable);
        } finally {
            deleteIfThere(unfinished);
        }
    }

    private static void deleteIfThere(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException left) {
            throw new UncheckedIOException("The file '%s' can't be deleted".formatted(file), left);
        }
    }
}
