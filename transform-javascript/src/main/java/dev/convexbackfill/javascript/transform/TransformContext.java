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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.javascript.sandbox.Sandbox;
import dev.convexbackfill.javascript.sandbox.StoppedException;
import dev.convexbackfill.readerswriters.transform.StepResult;
import java.time.Instant;
import java.util.List;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.SourceSection;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.jspecify.annotations.Nullable;

/**
 * A context in which a function is called. The code is loaded anew for each document, into globals that nobody can change: no
 * document can leave anything to the next. Not thread-safe, except that {@link #stop} may be called from anywhere.
 */
final class TransformContext implements AutoCloseable {

    /** Above what a document can hold. */
    private static final int MAX_LENGTH = 16 << 20;
    private static final int MAX_MESSAGE = 500;
    private static final List<Source> ENVIRONMENT = List.of(Sandbox.TIME, Sandbox.TEXT, Sandbox.CLONE, Sandbox.URL,
            Sandbox.script(TransformContext.class, "transform.js"));

    private final Context context;
    private final Script script;
    private final Value call;
    private final Value settled;
    private final Value instantiate;
    private @Nullable Value wrapper;

    TransformContext(Sandbox sandbox, Script script, Instant now) {
        this.script = script;
        this.context = sandbox.context(IOAccess.NONE, MAX_LENGTH)
                .option("js.graal-builtin", "false")
                .option("js.esm-eval-returns-exports", "true")
                // RegExp.$1 would tell of the document before
                .option("js.regexp-static-result", "false")
                .build();
        Value shared = context.eval("js", "({})");
        Value functions = shared;
        for (Source part : ENVIRONMENT) {
            functions = context.eval(part).execute(HostNumbers.toObject(), shared);
        }
        functions.getMember("setTime").executeVoid((double) now.toEpochMilli());
        this.call = functions.getMember("call");
        this.settled = functions.getMember("settled");
        this.instantiate = functions.getMember("instantiate");
    }

    /** Why the function can't be called; null if it can. Throws {@link StoppedException}. */
    @Nullable
    String problem() {
        try {
            Value function = function();
            return function != null && function.canExecute() ? null
                    : "%s has no function '%s'%s".formatted(script.name(), script.function(), exports());
        } catch (PolyglotException failed) {
            return problem(failed);
        }
    }

    private String exports() {
        List<String> names = script.isModule() ? List.copyOf(context.eval(script.source()).getMemberKeys()) : List.of();
        return names.isEmpty() ? "; export it" : "; it exports " + String.join(", ", names);
    }

    /**
     * What the function makes of a document. Throws {@link StoppedException} if it was ended from outside or has used up the
     * memory.
     */
    StepResult apply(ConvexObject document) {
        String answer;
        try {
            Value function = function();
            if (function == null || !function.canExecute()) {
                return failed("it is no function now");
            }
            String json = ConvexJson.encodeToString(document);
            long seed = seed(document.string(FieldName.ID));
            answer = call.execute(function, json, json.contains("\"$"), (int) seed, (int) (seed >>> 32)).asString();
            if (answer.equals("?")) {
                // all that could settle the promise has run when a call has returned
                answer = settled.execute().asString();
            }
        } catch (PolyglotException failed) {
            return failed(problem(failed));
        } catch (OutOfMemoryError _) {
            throw new StoppedException("JavaScript execution ran out of memory");
        }
        return result(document, answer);
    }

    private @Nullable Value function() {
        if (script.isModule()) {
            Value exports = context.eval(script.source());
            Value function = exports.getMember(script.function());
            if (function != null) {
                return function;
            }
            // what a bundle makes of a file that assigns to module.exports
            Value commonJs = exports.getMember("default");
            return commonJs != null && commonJs.hasMembers() ? commonJs.getMember(script.function()) : null;
        }
        if (wrapper == null) {
            wrapper = context.eval(script.source());
        }
        return instantiate.execute(wrapper, script.function());
    }

    private String problem(PolyglotException failed) {
        if (failed.isCancelled() || failed.isInterrupted()) {
            throw new StoppedException("Function execution was cancelled");
        }
        if (failed.isResourceExhausted()) {
            throw new StoppedException("JavaScript execution ran out of memory");
        }
        if (!failed.isGuestException()) {
            throw new IllegalStateException("JavaScript failed outside of a function: " + failed.getMessage(), failed);
        }
        String message = String.valueOf(failed.getMessage()).lines().findFirst().orElse("");
        SourceSection at = failed.getSourceLocation();
        boolean isOurs = at != null && at.hasLines() && at.getSource().getName().equals(script.name());
        return message + (isOurs && at != null && !message.contains(script.name() + ":")
                ? script.place(at.getStartLine(), at.getStartColumn())
                : "");
    }

    private StepResult result(ConvexObject document, String answer) {
        String rest = answer.substring(1);
        return switch (answer.charAt(0)) {
            case '=' -> new StepResult.Transformed(document);
            case '+' -> {
                try {
                    yield patched(document, (ConvexArray) ConvexJson.decode(rest));
                } catch (InvalidValueException invalid) {
                    yield failed("it returned no Convex value: " + invalid.getMessage());
                }
            }
            default -> {
                int end = rest.indexOf('\0');
                yield failed(rest.substring(0, end) + script.place(rest.substring(end)));
            }
        };
    }

    private StepResult patched(ConvexObject document, ConvexArray patch) {
        ConvexObject result = document;
        ConvexObject set = (ConvexObject) patch.get(0);
        for (int i = 0; i < set.size(); i++) {
            String name = set.name(i);
            if (!set.value(i).equals(document.get(name))) {
                String problem = FieldName.problemOfDocumentField(name);
                if (problem != null) {
                    return failed("it changes '%s': %s".formatted(name, problem));
                }
                result = result.with(name, set.value(i));
            }
        }
        for (ConvexValue each : (ConvexArray) patch.get(1)) {
            String name = ((ConvexString) each).value();
            if (FieldName.isSystem(name)) {
                return failed("it removes '%s', which belongs to Convex".formatted(name));
            }
            result = result.without(name);
        }
        return new StepResult.Transformed(result);
    }

    private StepResult failed(String message) {
        String whole = script.label() + message;
        return new StepResult.Failed(whole.length() <= MAX_MESSAGE ? whole : whole.substring(0, MAX_MESSAGE) + "…");
    }

    /** FNV-1a: the same for a document whenever it is transformed. */
    private static long seed(String id) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** Ends what runs. Thread-safe. */
    void stop() {
        try {
            context.close(true);
        } catch (PolyglotException _) {
            // it was ended in the middle of a call, which has been told of already
        }
    }

    @Override
    public void close() {
        stop();
    }
}
