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
package dev.convexbackfill.local.javascript;

import dev.convexbackfill.local.function.FunctionKind;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that run JavaScript: platform threads, whose allocation can be measured, with a stack of known size. Thread-safe.
 */
final class WorkerThreads implements AutoCloseable {

    /** Source: {@code APPLICATION_MAX_CONCURRENT_QUERIES} and {@code …_V8_ACTIONS} of the Convex backend. */
    private static final int MAX_FUNCTIONS = 16;
    private static final int MAX_ACTIONS = 64;
    private static final int IDLE_SECONDS = 60;
    /** JavaScript that recurses for ever is stopped by it, and a deeper one takes longer to find out. */
    private static final long STACK_BYTES = 4L << 20;

    private final ExecutorService functions = pool(MAX_FUNCTIONS, "javascript-");
    private final ExecutorService actions = pool(MAX_ACTIONS, "javascript-action-");

    private static final class JavaScriptThread extends Thread {

        JavaScriptThread(Runnable work, String name) {
            super(null, work, name, STACK_BYTES);
            setDaemon(true);
        }
    }

    private static ExecutorService pool(int size, String name) {
        ThreadFactory factory = new ThreadFactory() {
            private int count;

            @Override
            public synchronized Thread newThread(Runnable work) {
                return new JavaScriptThread(work, name + ++count);
            }
        };
        ThreadPoolExecutor pool = new ThreadPoolExecutor(size, size, IDLE_SECONDS, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Works on one of the threads, which is this one if it is one already, and throws what the work throws. */
    <T> T run(FunctionKind kind, Callable<T> work) {
        if (Thread.currentThread() instanceof JavaScriptThread) {
            return call(work);
        }
        try {
            return CompletableFuture.supplyAsync(() -> call(work), kind == FunctionKind.ACTION ? actions : functions)
                    .join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw failed;
        } catch (CancellationException closed) {
            throw new IllegalStateException("The JavaScript engine is closed", closed);
        }
    }

    private static <T> T call(Callable<T> work) {
        try {
            return work.call();
        } catch (RuntimeException thrown) {
            throw thrown;
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void close() {
        functions.shutdown();
        actions.shutdown();
    }
}
