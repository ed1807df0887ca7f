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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.javascript.sandbox.Guard;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.function.FunctionKind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The modules of an app and the contexts that have loaded them. Each call has a context to itself; one that a function called
 * from another has another. Thread-safe.
 */
final class LoadedApp implements AutoCloseable {

    private final GraalEngine engine;
    private final Map<String, String> modules;
    private final StackFrames frames;
    private final Deque<Worker> idle = new ArrayDeque<>();
    private boolean isClosed;

    LoadedApp(GraalEngine engine, Map<String, String> modules) {
        this.engine = engine;
        this.modules = modules;
        this.frames = new StackFrames(modules);
    }

    /** What is done with a context. */
    interface Work {

        Outcome run(Worker worker, Guard guard);
    }

    /**
     * Does it on a thread for JavaScript, which is this one if it is one already. Throws what the work throws.
     */
    Outcome call(FunctionKind kind, Syscalls syscalls, Work work) {
        EngineSettings settings = engine.settings();
        Duration time = kind == FunctionKind.ACTION ? settings.actionTime() : settings.functionTime();
        return engine.threads().run(kind, () -> callHere(time, syscalls::environment, work));
    }

    private Outcome callHere(Duration time, Supplier<Map<String, String>> environment, Work work) {
        Worker worker = take(environment);
        Guard guard = new Guard(time, engine.settings().functionMemory(), worker::stop);
        engine.watchdog().add(guard);
        try {
            return work.run(worker, guard);
        } finally {
            engine.watchdog().remove(guard);
            giveBack(worker, guard);
        }
    }

    private Worker take(Supplier<Map<String, String>> environment) {
        Worker worker;
        while ((worker = poll()) != null) {
            if (worker.isLoadedWith(environment)) {
                return worker;
            }
            worker.close();
        }
        return engine.newWorker(modules);
    }

    private @Nullable Worker poll() {
        synchronized (idle) {
            return idle.pollFirst();
        }
    }

    private void giveBack(Worker worker, Guard guard) {
        boolean isKept = !worker.isBroken() && guard.broken() == null;
        if (isKept) {
            synchronized (idle) {
                isKept = !isClosed;
                if (isKept) {
                    // the one that was used last is the warmest
                    idle.addFirst(worker);
                }
            }
        }
        if (!isKept) {
            worker.close();
        }
    }

    StopSignal closing() {
        return engine.closing();
    }

    /** Where something was thrown, in the lines of its source, to be put behind a message. */
    String trace(String stack) {
        return frames.trace(stack);
    }

    /** Closes the contexts that do nothing, and the others when they are done. */
    @Override
    public void close() {
        synchronized (idle) {
            isClosed = true;
            idle.forEach(Worker::close);
            idle.clear();
        }
    }
}
