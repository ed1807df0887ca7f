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
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Imports ZIP files into a deployment as {@code npx convex import --replace} does: the tables in the file are replaced at once,
 * in one transaction, with the ids and creation times that are in it; other tables stay. Stands on routes and a system function
 * that Convex may change: an answer of another shape is a {@link ConvexException} that says so. Source:
 * {@code crates/local_backend/src/snapshot_import.rs} and {@code npm-packages/convex/src/cli/lib/convexImport.ts} of the Convex
 * backend.
 */
public final class SnapshotImport {

    private static final FunctionPath STATE = new FunctionPath("_system/cli/queryImport:default");
    private static final Duration POLL = Duration.ofMillis(100);
    /** As the official command line has it; at least 5 MiB, and fewer than 10,000 parts. */
    private static final int SMALLEST_PART = 5 << 20;
    private static final int MAX_PARTS = 9_000;

    private final ConvexClient client;
    private final CallOptions options;

    /** Makes its calls with {@code client}, which has a deploy key. */
    public SnapshotImport(ConvexClient client, CallOptions options) {
        this.client = client;
        this.options = options;
    }

    /**
     * An import that is complete.
     *
     * @param timestamp when its documents appeared, in nanoseconds since 1970
     * @param rows      how many documents it wrote
     */
    public record Completed(long timestamp, long rows) {}

    /** What to do while the deployment works. */
    public interface Waiting {

        /** Called again and again until the import is complete. */
        void look();
    }

    /**
     * Uploads a ZIP file and replaces the tables in it. Throws {@link ConvexException}: as REQUEST_REFUSED if the deployment
     * refuses the file, or its import fails, and then nothing is replaced; as ABANDONED if the wait is stopped, and then the
     * import may go on all the same. Throws {@link UncheckedIOException} if the file can't be read.
     */
    public Completed replace(Path zip, Waiting waiting) {
        String id = upload(zip);
        boolean isConfirmed = false;
        while (true) {
            waiting.look();
            ConvexObject state = state(id);
            switch (state.string("state")) {
                case "uploaded", "in_progress" -> {
                }
                case "waiting_for_confirmation" -> {
                    if (!isConfirmed) {
                        isConfirmed = true;
                        confirm(id);
                    }
                }
                case "completed" -> {
                    return read(state,
                            () -> new Completed(int64(state, "timestamp"), int64(state, "num_rows_written")));
                }
                case "failed" -> throw new ConvexException(FailureCategory.REQUEST_REFUSED,
                        "The deployment refused the import, and replaced nothing: " + state.string("error_message"));
                default -> throw unknownShape(state, null);
            }
            if (options.stop().await(POLL)) {
                throw new ConvexException(FailureCategory.ABANDONED,
                        "The wait for the import was abandoned because of a stop; the deployment may complete it all the same");
            }
        }
    }

    private void confirm(String id) {
        try {
            client.post("/api/perform_import", ConvexJson.encode(ConvexObject.of("importId", ConvexValue.of(id))),
                    options);
        } catch (ConvexException unknown) {
            if (unknown.category() != FailureCategory.OUTCOME_UNKNOWN
                    || state(id).string("state").equals("waiting_for_confirmation")) {
                throw unknown;
            }
            // only the answer was lost
        }
    }

    private String upload(Path zip) {
        // an upload that was begun twice leaves the first behind, which the deployment forgets
        CallOptions repeatable = options.asRepeatable();
        String token = ConvexJson.decodeObject(client.post("/api/import/start_upload", new byte[0], repeatable))
                .string("uploadToken");
        List<ConvexValue> parts = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(zip))) {
            int size = (int) Math.max(SMALLEST_PART, Files.size(zip) / MAX_PARTS + 1);
            for (byte[] part = in.readNBytes(size); part.length > 0; part = in.readNBytes(size)) {
                byte[] answer = client.upload("/api/import/upload_part?uploadToken=%s&partNumber=%d".formatted(
                        URLEncoder.encode(token, StandardCharsets.UTF_8), parts.size() + 1), part, repeatable);
                parts.add((ConvexString) ConvexJson.decode(answer));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The file '%s' can't be read".formatted(zip), unreadable);
        }
        ConvexObject wanted = ConvexObject.of("format", ConvexValue.of("zip"), "mode", ConvexValue.of("replace"));
        return ConvexJson.decodeObject(client.post("/api/import/finish_upload",
                ConvexJson.encode(ConvexObject.builder().put("import", wanted).put("partTokens", new ConvexArray(parts))
                        .put("uploadToken", token).build()),
                options)).string("importId");
    }

    private ConvexObject state(String id) {
        ConvexValue row = client.query(STATE, ConvexObject.of("importId", ConvexValue.of(id)), options).value();
        if (row == ConvexNull.NULL) {
            throw new ConvexException(FailureCategory.REQUEST_REFUSED,
                    "The deployment does not know the import '%s' any more".formatted(id));
        }
        return read(row, () -> {
            ConvexObject state = ((ConvexObject) row).object("state");
            state.string("state");
            return state;
        });
    }

    private static long int64(ConvexObject row, String field) {
        return ((ConvexInt64) row.require(field)).value();
    }

    private interface Reading<T> {

        T read();
    }

    private static <T> T read(ConvexValue answer, Reading<T> reading) {
        try {
            return reading.read();
        } catch (ClassCastException | InvalidValueException unexpected) {
            throw unknownShape(answer, unexpected);
        }
    }

    private static ConvexException unknownShape(ConvexValue answer, @Nullable Exception cause) {
        String text = ConvexJson.encodeToString(answer);
        return new ConvexException(FailureCategory.REQUEST_REFUSED,
                "'%s' answered in a form that this version does not know: %s".formatted(STATE,
                        text.substring(0, Math.min(text.length(), 200))),
                cause);
    }
}
