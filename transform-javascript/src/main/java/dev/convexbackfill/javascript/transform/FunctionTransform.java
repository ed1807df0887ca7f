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
package dev.convexbackfill.javascript.transform;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.readerswriters.transform.ChunkTransform;
import dev.convexbackfill.readerswriters.transform.FieldsRead;
import dev.convexbackfill.readerswriters.transform.StepResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Calls a function with each document, on as many threads at once as there are processors. */
final class FunctionTransform implements ChunkTransform {

    /** Each that can't be stopped keeps a processor busy. */
    private static final int MAX_ABANDONED = 16;

    private final Supplier<TransformWorker> newWorker;
    private final Semaphore free = new Semaphore(Runtime.getRuntime().availableProcessors());
    private final AtomicInteger abandoned = new AtomicInteger();
    private final Deque<TransformWorker> idle = new ArrayDeque<>();
    private boolean isClosed;

    FunctionTransform(Supplier<TransformWorker> newWorker) {
        this.newWorker = newWorker;
    }

    /** A function may look at any field. */
    @Override
    public FieldsRead reads() {
        return FieldsRead.ALL;
    }

    @Override
    public List<StepResult> apply(List<ConvexObject> documents) {
        List<StepResult> results = new ArrayList<>();
        free.acquireUninterruptibly();
        try {
            while (results.size() < documents.size()) {
                results.addAll(applyToSome(documents.subList(results.size(), documents.size())));
            }
        } finally {
            free.release();
        }
        return results;
    }

    /** Ends early with a document that has broken a limit, and its context with it. */
    private List<StepResult> applyToSome(List<ConvexObject> documents) {
        if (abandoned.get() >= MAX_ABANDONED) {
            throw new IllegalStateException(("%d calls of the function could not be stopped; correct the function, and"
                    + " resume the run").formatted(MAX_ABANDONED));
        }
        TransformWorker worker = take();
        try {
            return worker.apply(documents);
        } finally {
            if (worker.isAbandoned()) {
                abandoned.incrementAndGet();
            }
            giveBack(worker);
        }
    }

    private TransformWorker take() {
        @Nullable
        TransformWorker waiting;
        synchronized (idle) {
            if (isClosed) {
                throw new IllegalStateException("The function was closed while it had documents to transform");
            }
            waiting = idle.pollFirst();
        }
        return waiting != null ? waiting : newWorker.get();
    }

    private void giveBack(TransformWorker worker) {
        synchronized (idle) {
            if (!worker.isBroken() && !isClosed) {
                // the one that was used last is the warmest
                idle.addFirst(worker);
                return;
            }
        }
        worker.close();
    }

    @Override
    public void close() {
        synchronized (idle) {
            isClosed = true;
            idle.forEach(TransformWorker::close);
            idle.clear();
        }
    }
}
