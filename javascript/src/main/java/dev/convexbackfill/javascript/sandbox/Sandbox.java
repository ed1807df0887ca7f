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
package dev.convexbackfill.javascript.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.io.IOAccess;

/**
 * Makes contexts that share what was parsed and reach nothing of the host. A fence against accidents; not one for hostile code.
 * Thread-safe.
 */
public final class Sandbox implements AutoCloseable {

    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(2);

    /** Removes what is not part of the language; time and chance, as {@code shared.beginTime} sets them. */
    public static final Source TIME = script(Sandbox.class, "time.js");
    /** Text encodings; needs {@link #TIME}. */
    public static final Source TEXT = script(Sandbox.class, "text.js");
    /** {@code structuredClone}; needs {@link #TEXT}. */
    public static final Source CLONE = script(Sandbox.class, "clone.js");
    /** URLs; needs {@link #TEXT}. */
    public static final Source URL = script(Sandbox.class, "url.js");

    private final Engine engine = Engine.newBuilder("js")
            // interpreted is what most JDKs can do: no reason to warn
            .option("engine.WarnInterpreterOnly", "false")
            .out(OutputStream.nullOutputStream())
            .err(OutputStream.nullOutputStream())
            .build();

    /** A script of the environment, in a resource beside {@code in}: a function of the host and of what scripts share. */
    public static Source script(Class<?> in, String name) {
        try (InputStream script = in.getResourceAsStream(name)) {
            if (script == null) {
                throw new IllegalStateException("The script '%s' is missing".formatted(name));
            }
            return Source.newBuilder("js", new String(script.readAllBytes(), StandardCharsets.UTF_8), name)
                    .internal(true).buildLiteral();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * A context to be completed and built.
     *
     * @param files     what can be imported
     * @param maxLength of a string and of an array of bytes: single allocations, which would be too late to stop when they are seen
     */
    public Context.Builder context(IOAccess files, int maxLength) {
        return Context.newBuilder("js")
                .engine(engine)
                .allowExperimentalOptions(true)
                .allowHostAccess(HostAccess.NONE)
                .allowHostClassLookup(_ -> false)
                .allowPolyglotAccess(PolyglotAccess.NONE)
                .allowEnvironmentAccess(EnvironmentAccess.NONE)
                .allowCreateThread(false)
                .allowCreateProcess(false)
                .allowNativeAccess(false)
                .allowIO(files)
                .timeZone(ZoneOffset.UTC)
                .option("js.locale", "en-US")
                .option("js.java-package-globals", "false")
                .option("js.load", "false")
                .option("js.print", "false")
                .option("js.console", "false")
                .option("js.polyglot-builtin", "false")
                .option("js.stack-trace-api", "true")
                .option("js.string-length-limit", Integer.toString(maxLength))
                .option("js.max-typed-array-length", Integer.toString(maxLength));
    }

    /** Ends what still runs, as far as it can be ended: what can't goes on, on a thread that keeps no process from ending. */
    @Override
    public void close() {
        Thread closing = Thread.ofPlatform().daemon().name("javascript-close").start(() -> engine.close(true));
        try {
            closing.join(LONGEST_CLOSE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
