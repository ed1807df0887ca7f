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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.javascript.sandbox.StoppedException;
import dev.convexbackfill.local.function.FunctionContext;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionKind;

/** A function that a module exports. */
final class JavaScriptFunction implements FunctionDefinition.Body {

    private final LoadedApp app;
    private final String module;
    private final String name;

    JavaScriptFunction(LoadedApp app, String module, String name) {
        this.app = app;
        this.module = module;
        this.name = name;
    }

    @Override
    public ConvexValue run(FunctionContext context, ConvexObject args) {
        String arguments = ConvexJson.encodeToString(ConvexValue.array(args));
        FunctionKind kind = context.function().kind();
        Worker.Start start = new Worker.Start(context.startedAt(), context.seed(), kind == FunctionKind.ACTION);
        Syscalls syscalls = new FunctionSyscalls(context);
        Outcome outcome;
        try {
            outcome = app.call(kind, syscalls,
                    (worker, guard) -> worker.call(module, name, method(kind), arguments, start, syscalls, guard,
                            app.closing()));
        } catch (StoppedException stopped) {
            throw new FunctionFailedException(
                    "%s (in '%s')".formatted(stopped.getMessage(), context.function().path()));
        }
        return switch (outcome) {
            case Outcome.Returned(String json) -> result(json == null ? "null" : json);
            case Outcome.Threw threw -> throw failure(threw);
        };
    }

    private static String method(FunctionKind kind) {
        return switch (kind) {
            case QUERY -> "invokeQuery";
            case MUTATION -> "invokeMutation";
            case ACTION -> "invokeAction";
        };
    }

    private static ConvexValue result(String json) {
        try {
            return json.equals("null") ? ConvexNull.NULL : ConvexJson.decode(json);
        } catch (InvalidValueException invalid) {
            throw new FunctionFailedException("Uncaught Error: The result is no Convex value: " + invalid.getMessage());
        }
    }

    private FunctionFailedException failure(Outcome.Threw threw) {
        String message = "Uncaught " + threw.message() + app.trace(threw.frames());
        String data = threw.data();
        return data == null ? new FunctionFailedException(message)
                : new FunctionFailedException(message, ConvexJson.decode(data));
    }
}
