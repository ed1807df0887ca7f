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
package dev.convexbackfill.readerswriters.reader;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.readerswriters.reader.PageSource.Page;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.infrastructure.item.ItemReader;

/**
 * Reads a range in slices, from a position on, the next page while the last is written. Every range ends with a slice that is
 * marked as the last, also an empty one. For one thread.
 */
public final class RangeReader implements ItemReader<Slice>, AutoCloseable {

    private final DocumentPages source;
    private final Throttle throttle;
    private final @Nullable String through;
    private final int sliceDocuments;
    private final long sliceBytes;
    private final CallOptions options;
    private final StopSignal stop;
    private final Executor prefetching;
    private final Deque<ConvexObject> waiting = new ArrayDeque<>();
    private final Deque<String> gone = new ArrayDeque<>();
    private CompletableFuture<@Nullable Page> next;
    private @Nullable String position;
    private boolean lastPageIsHere;
    private boolean ended;

    /**
     * Begins to read at once.
     *
     * @param after   the position; null for the beginning of the table
     * @param through the end of the range; null for the end of the table
     */
    public RangeReader(DocumentPages source, Throttle throttle, @Nullable String after, @Nullable String through,
            int sliceDocuments, long sliceBytes, CallOptions options, StopSignal stop, Executor prefetching) {
        this.source = source;
        this.throttle = throttle;
        this.through = through;
        this.sliceDocuments = sliceDocuments;
        this.sliceBytes = sliceBytes;
        this.options = options.withStop(stop);
        this.stop = stop;
        this.prefetching = prefetching;
        this.position = after;
        this.next = fetch();
    }

    private CompletableFuture<@Nullable Page> fetch() {
        String after = position;
        return CompletableFuture.supplyAsync(() -> {
            try (Throttle.Permit permit = throttle.acquireRead(stop)) {
                return permit == null ? null : source.read(after, through, options);
            }
        }, prefetching);
    }

    /**
     * The next slice; null after the last. Throws {@link JobInterruptedException} once the stop signal was given or the
     * thread was interrupted: a range that was left must never look like one that is read to its end.
     */
    @Override
    public @Nullable Slice read() throws Exception {
        if (ended) {
            return null;
        }
        if (waiting.isEmpty() && !lastPageIsHere) {
            takePage();
        }
        List<ConvexObject> documents = new ArrayList<>();
        long bytes = 0;
        while (!waiting.isEmpty() && documents.size() < sliceDocuments) {
            long size = ValueLimits.sizeOf(waiting.peek());
            if (!documents.isEmpty() && bytes + size > sliceBytes) {
                break;
            }
            documents.add(waiting.remove());
            bytes += size;
        }
        ended = waiting.isEmpty() && lastPageIsHere;
        return new Slice(documents, goneBefore(waiting.peek()), ended);
    }

    /** The ids of what is gone before a document, or, for null, in all that was fetched. */
    private List<String> goneBefore(@Nullable ConvexObject next) {
        List<String> before = new ArrayList<>();
        while (!gone.isEmpty() && (next == null || gone.element().compareTo(next.string(FieldName.ID)) < 0)) {
            before.add(gone.remove());
        }
        return before;
    }

    private void takePage() throws Exception {
        Page page = await();
        waiting.addAll(page.documents());
        gone.addAll(page.gone());
        lastPageIsHere = page.isLast();
        if (!lastPageIsHere) {
            String end = page.end();
            position = end == null ? position : end;
            next = fetch();
        }
    }

    private Page await() throws Exception {
        CompletableFuture<@Nullable Page> page = next;
        try (StopSignal.Registration _ = stop.onGiven(() -> page.cancel(false))) {
            Page read = page.get();
            if (read != null) {
                return read;
            }
        } catch (CancellationException _) {
            // by the stop signal
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException failed) {
            if (!stop.isGiven()) {
                throw failed.getCause() instanceof Exception cause ? cause : failed;
            }
        }
        throw new JobInterruptedException("The range was left because of a stop: " + stop.reason());
    }

    /** Gives up the page that is being fetched. */
    @Override
    public void close() {
        next.cancel(false);
    }
}
