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
import dev.convexbackfill.javascript.sandbox.StoppedException;
import dev.convexbackfill.local.function.LogLines;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;

/**
 * One context with the modules of an app. Runs one call at a time; between calls, what modules keep in variables stays. Not
 * thread-safe, except that {@link #stop} may be called from anywhere.
 */
final class Worker implements AutoCloseable {

    /** Source: {@code MAX_SYSCALL_BATCH_SIZE} of the Convex backend. */
    private static final int BATCH = 16;

    private final Context context;
    private final HostFunctions host = new HostFunctions();
    private final Value begin;
    private final Value load;
    private final Value invoke;
    private final Value settle;
    private final Value fire;
    private final Value analyze;
    private final Value importer;
    private final Map<String, Value> modules = new HashMap<>();
    private boolean isBroken;

    /** {@code environment} are the scripts of the globals, the last with what is called here; {@code importer} imports. */
    Worker(Context context, List<Source> environment, Source importer) {
        this.context = context;
        Value shared = context.eval("js", "({})");
        Value functions = shared;
        for (Source part : environment) {
            functions = context.eval(part).execute(host.toObject(), shared);
        }
        this.begin = functions.getMember("begin");
        this.load = functions.getMember("load");
        this.invoke = functions.getMember("invoke");
        this.settle = functions.getMember("settle");
        this.fire = functions.getMember("fire");
        this.analyze = functions.getMember("analyze");
        this.importer = context.eval(importer);
    }

    /**
     * What a call begins with.
     *
     * @param millis     the time, which stands still except in an action
     * @param hasEffects true for an action: real time, timers, and true randomness
     */
    record Start(double millis, long seed, boolean hasEffects) {}

    /** Imports a module and describes its exports as JSON. Throws {@link StoppedException}. */
    Outcome analyze(String module, Start start, Syscalls syscalls, Guard guard) {
        Outcome loaded = load(module, start, syscalls, guard);
        if (loaded instanceof Outcome.Threw) {
            return loaded;
        }
        begin(start, syscalls, false, guard);
        run(guard, () -> analyze.executeVoid(modules.get(module)));
        return pump(syscalls, guard, StopSignal.never());
    }

    /**
     * Calls a function of a module with the arguments as JSON. Throws {@link StoppedException} if it was stopped, and what a
     * syscall threw that the function may not catch.
     *
     * @param method   {@code invokeQuery} or one of its kin
     * @param whenIdle waits for timers; given if the deployment closes
     */
    Outcome call(String module, String name, String method, String arguments, Start start, Syscalls syscalls,
            Guard guard, StopSignal whenIdle) {
        if (!modules.containsKey(module)) {
            Outcome loaded = load(module, start, Syscalls.whileLoading(syscalls.environment(), new LogLines()), guard);
            if (loaded instanceof Outcome.Threw) {
                return loaded;
            }
        }
        begin(start, syscalls, false, guard);
        run(guard, () -> invoke.executeVoid(modules.get(module), name, method, arguments));
        return pump(syscalls, guard, whenIdle);
    }

    private Outcome load(String module, Start start, Syscalls syscalls, Guard guard) {
        begin(start, syscalls, true, guard);
        Value[] loaded = new Value[1];
        run(guard, () -> loaded[0] = load.execute(ModuleFileSystem.ROOT + "/" + module, importer));
        Outcome outcome = pump(syscalls, guard, StopSignal.never());
        if (outcome instanceof Outcome.Returned) {
            run(guard, () -> modules.put(module, loaded[0].getMember("module")));
        }
        return outcome;
    }

    private void begin(Start start, Syscalls syscalls, boolean isLoading, Guard guard) {
        host.begin(syscalls, isLoading);
        long seed = start.seed();
        run(guard, () -> begin.executeVoid(start.millis(), (int) seed, (int) (seed >>> 32), start.hasEffects()));
    }

    /** Answers syscalls and timers until there are none. */
    private Outcome pump(Syscalls syscalls, Guard guard, StopSignal whenIdle) {
        while (true) {
            Outcome outcome = host.outcome();
            if (outcome instanceof Outcome.Threw) {
                return outcome;
            }
            List<HostFunctions.Submitted> batch = host.takeSubmitted(BATCH);
            if (!batch.isEmpty()) {
                Object[] answers = batch.stream().map(syscall -> answer(syscalls, syscall)).toArray();
                run(guard, () -> settle.executeVoid(answers));
            } else if (outcome != null) {
                return outcome;
            } else if (!fireTimers(guard, whenIdle)) {
                return new Outcome.Threw("Returned promise will never resolve", null, "");
            }
        }
    }

    private static String answer(Syscalls syscalls, HostFunctions.Submitted syscall) {
        try {
            return "+" + syscalls.async(syscall.operation(), syscall.arguments());
        } catch (SyscallFailedException failed) {
            String data = failed.dataJson();
            return data == null ? "-" + failed.getMessage() : "!" + data + "\u0000" + failed.getMessage();
        }
    }

    /** Waits for the next timer. Returns false if there is none. */
    private boolean fireTimers(Guard guard, StopSignal whenIdle) {
        Long next = host.nextTimer();
        if (next == null) {
            return false;
        }
        long nanos = next - System.nanoTime();
        if (nanos > 0 && whenIdle.await(Duration.ofNanos(nanos))) {
            throw stopped("the deployment is closing");
        }
        Object[] due = Arrays.stream(host.takeTimers()).boxed().toArray();
        run(guard, () -> fire.executeVoid(due));
        return true;
    }

    /** Runs JavaScript. */
    private void run(Guard guard, Runnable step) {
        guard.enter();
        try {
            step.run();
            host.throwFatal();
        } catch (PolyglotException failed) {
            throw failed(failed, guard);
        } catch (OutOfMemoryError _) {
            throw stopped("JavaScript execution ran out of memory");
        } finally {
            guard.leave();
        }
    }

    private RuntimeException failed(PolyglotException failed, Guard guard) {
        String broken = guard.broken();
        if (broken != null || failed.isCancelled()) {
            return stopped(broken != null ? broken : "Function execution was cancelled");
        }
        if (failed.isResourceExhausted()) {
            return stopped("JavaScript execution ran out of memory");
        }
        isBroken = true;
        if (failed.isHostException() && failed.asHostException() instanceof RuntimeException thrown) {
            return thrown;
        }
        return new IllegalStateException("JavaScript failed outside of a function: " + failed.getMessage(), failed);
    }

    private StoppedException stopped(String reason) {
        isBroken = true;
        return new StoppedException(reason);
    }

    /** Whether it can't run another call. */
    boolean isBroken() {
        return isBroken;
    }

    /** Whether modules would be loaded just so again. */
    boolean isLoadedWith(Supplier<Map<String, String>> environment) {
        return !host.hasImportedVariables() || host.isLoadedWith(environment.get());
    }

    /** Ends what runs. Thread-safe. */
    void stop() {
        context.close(true);
    }

    @Override
    public void close() {
        try {
            context.close(true);
        } catch (PolyglotException _) {
            // it was ended in the middle of a call, which has been told of already
        }
    }
}
