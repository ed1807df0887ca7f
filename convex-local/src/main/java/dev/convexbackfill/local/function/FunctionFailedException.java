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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A function threw, or was refused before it ran; the caller sees it in an envelope. */
public final class FunctionFailedException extends RuntimeException {

    private final transient @Nullable ConvexValue data;
    private transient List<String> logLines = List.of();
    private boolean redacted;

    /** A failure without data, as any JavaScript {@code Error} is. */
    public FunctionFailedException(String message) {
        super(message);
        this.data = null;
    }

    /** A {@code ConvexError}. */
    public FunctionFailedException(ConvexValue data) {
        super("Uncaught ConvexError: " + ConvexJson.encodeToString(data));
        this.data = data;
    }

    /** A {@code ConvexError} whose message has more to say, such as where it was thrown. */
    public FunctionFailedException(String message, ConvexValue data) {
        super(message);
        this.data = data;
    }

    /** As a caller gets to see it: with the id of a request, which is another each time. */
    public String shownMessage() {
        String prefix = "[Request ID: %016x] Server Error".formatted(ThreadLocalRandom.current().nextLong());
        return redacted ? prefix : prefix + "\n" + getMessage();
    }

    /** Keeps everything but the data from callers. */
    FunctionFailedException redact() {
        this.redacted = true;
        this.logLines = List.of();
        return this;
    }

    /** What the function had logged before; empty if it never ran. */
    public List<String> logLines() {
        return logLines;
    }

    FunctionFailedException after(LogLines log) {
        this.logLines = log.lines();
        return this;
    }

    /** What a {@code ConvexError} carried; null for any other error. */
    public @Nullable ConvexValue data() {
        return data;
    }
}
