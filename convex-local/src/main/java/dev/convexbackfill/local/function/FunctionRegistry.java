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

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The functions that are installed, with the system's own. Thread-safe; what is installed can be replaced at any time. */
final class FunctionRegistry {

    private final Map<String, FunctionDefinition> system;
    private final AtomicReference<Map<String, FunctionDefinition>> installed = new AtomicReference<>(Map.of());

    FunctionRegistry() {
        this.system = byPath(SystemFunctions.all(() -> List.copyOf(installed.get().values())));
    }

    void install(Collection<FunctionDefinition> functions) {
        installed.set(byPath(functions));
    }

    /** The function at a path as callers write it, with or without {@code .js} and {@code :default}; null if there is none. */
    @Nullable
    FunctionDefinition find(String path) {
        String canonical = canonical(path);
        FunctionDefinition function = system.get(canonical);
        return function != null ? function : installed.get().get(canonical);
    }

    /**
     * The function that {@code caller} calls as one of that kind. Throws {@link FunctionFailedException} if there is none, or
     * if it may not be called.
     */
    FunctionDefinition require(String path, FunctionKind kind, Caller caller) {
        FunctionDefinition function = find(path);
        if (isSystem(path) && (!caller.isAdmin() || caller.user() != null)) {
            throw new FunctionFailedException(
                    "Operation %s not permitted".formatted(kind.displayName().toLowerCase(Locale.ROOT)));
        }
        if (function == null || !caller.mayCall(function)) {
            throw new FunctionFailedException("Could not find public function for '%s'.".formatted(shortest(path)));
        }
        if (function.kind() != kind) {
            throw new FunctionFailedException("Trying to execute %s as %s, but it is defined as %s.".formatted(path,
                    kind.displayName(), function.kind().displayName()));
        }
        return function;
    }

    /**
     * The function of an app, of any kind, that {@code caller} calls: who acts as a user gets to public ones only.
     * {@code component} is empty for the app itself. Throws {@link FunctionFailedException} if there is none to be called.
     */
    FunctionDefinition requireOfApp(String component, String path, Caller caller) {
        FunctionDefinition function = find(path);
        boolean isCallable = function != null && component.isEmpty() && switch (function.visibility()) {
            case PUBLIC -> true;
            case INTERNAL -> caller.isAdmin() && caller.user() == null;
            case SYSTEM -> false;
        };
        if (function == null || !isCallable) {
            throw new FunctionFailedException(
                    "Could not find function for '%s'%s. Did you forget to run `npx convex dev`?".formatted(
                            shortest(path), component.isEmpty() ? "" : " in '%s'".formatted(component)));
        }
        return function;
    }

    /** An app's function, for another to call. Throws {@link FunctionFailedException} if there is none of that kind. */
    FunctionDefinition require(String path, FunctionKind kind) {
        FunctionDefinition function = installed.get().get(canonical(path));
        if (function == null) {
            throw new FunctionFailedException("Uncaught Error: Could not find function for '%s'.".formatted(path));
        }
        if (function.kind() != kind) {
            throw new FunctionFailedException(
                    "Uncaught Error: Trying to execute %s as %s, but it is defined as %s.".formatted(path,
                            kind.displayName(), function.kind().displayName()));
        }
        return function;
    }

    /** The mutation or action of an app at that path. Throws {@link FunctionFailedException} if there is none. */
    FunctionDefinition requireSchedulable(String path) {
        FunctionDefinition function = installed.get().get(canonical(path));
        if (function == null || function.kind() == FunctionKind.QUERY) {
            throw new FunctionFailedException(
                    "Uncaught Error: Attempted to schedule function at nonexistent path: " + path);
        }
        return function;
    }

    /** Whether the path is one of the system's, be there a function or not. */
    static boolean isSystem(String path) {
        return path.startsWith("_system/");
    }

    /** The path without what need not be said. */
    static String shortest(String path) {
        String canonical = canonical(path);
        return canonical.endsWith(":default") ? canonical.substring(0, canonical.length() - ":default".length())
                : canonical;
    }

    private static String canonical(String path) {
        int colon = path.lastIndexOf(':');
        String module = colon < 0 ? path : path.substring(0, colon);
        String name = colon < 0 ? "default" : path.substring(colon + 1);
        return (module.endsWith(".js") ? module.substring(0, module.length() - 3) : module) + ":" + name;
    }

    private static Map<String, FunctionDefinition> byPath(Collection<FunctionDefinition> functions) {
        Map<String, FunctionDefinition> map = new TreeMap<>();
        functions.forEach(function -> map.put(function.path(), function));
        return Map.copyOf(map);
    }
}
