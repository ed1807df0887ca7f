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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.IndexBounds;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The variables that functions find in {@code process.env}: those of the deployment and a few that it sets itself. Values
 * are secrets: no message has one. Thread-safe. Source: {@code crates/common/src/types/environment_variables.rs} of the
 * Convex backend.
 */
final class EnvironmentVariables {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z_]+[a-zA-Z0-9_]*");
    private static final int MAX_NAME_LENGTH = 256;
    private static final int MAX_VALUE_BYTES = 8 << 10;
    private static final int MAX_VARIABLES = 512;
    private static final int MAX_TOTAL_BYTES = 512 << 10;

    private final AtomicReference<Map<String, String>> builtIn = new AtomicReference<>(Map.of());

    /** Sets the variables that the deployment has by itself and nobody may change. */
    void setBuiltIn(Map<String, String> variables) {
        builtIn.set(Map.copyOf(variables));
    }

    /** What a function sees. */
    Map<String, String> all(DocumentTransaction transaction) {
        Map<String, String> all = new TreeMap<>(builtIn.get());
        all.putAll(own(transaction));
        return all;
    }

    /** What people have set. */
    static Map<String, String> own(DocumentTransaction transaction) {
        Map<String, String> variables = new TreeMap<>();
        transaction.scan(SystemTables.ENVIRONMENT_VARIABLES, "by_creation_time", IndexBounds.ALL, false, null)
                .forEachRemaining(row -> variables.put(row.value().string("name"), row.value().string("value")));
        return variables;
    }

    /** Sets variables, and removes those whose value is null. Throws {@link RefusedVariableException}. */
    void update(DocumentTransaction transaction, Map<String, @Nullable String> changes) {
        changes.forEach(this::requireValid);
        Map<String, String> idsByName = new TreeMap<>();
        transaction.scan(SystemTables.ENVIRONMENT_VARIABLES, "by_creation_time", IndexBounds.ALL, false, null)
                .forEachRemaining(row -> idsByName.put(row.value().string("name"), row.id()));
        SystemTables.ensureEnvironmentVariables(transaction);
        new TreeMap<>(changes).forEach((name, value) -> {
            String known = idsByName.get(name);
            if (known != null) {
                transaction.delete(known);
            }
            if (value != null) {
                transaction.insert(SystemTables.ENVIRONMENT_VARIABLES,
                        ConvexObject.of("name", ConvexValue.of(name), "value", ConvexValue.of(value)));
            }
        });
        requireFew(own(transaction));
    }

    private void requireValid(String name, @Nullable String value) {
        if (!NAME.matcher(name).matches()) {
            throw new RefusedVariableException("EnvironmentVariableNameInvalid",
                    ("The environment variable name %s is invalid. Environment variable names must begin with a letter"
                            + " and may only include characters a-z, A-Z, 0-9, and underscores.").formatted(name));
        }
        if (name.length() > MAX_NAME_LENGTH) {
            throw new RefusedVariableException("EnvironmentVariableNameTooLong",
                    "The environment variable name %s is too long. Environment variable names must be less than %d."
                            .formatted(name, MAX_NAME_LENGTH));
        }
        if (value != null && bytes(value) > MAX_VALUE_BYTES) {
            throw new RefusedVariableException("EnvironmentVariableValueTooLarge",
                    "The environment variable value is %d bytes, which is too large. (max size: %d)"
                            .formatted(bytes(value), MAX_VALUE_BYTES));
        }
        if (value != null && builtIn.get().containsKey(name)) {
            throw new RefusedVariableException("EnvVarNameForbidden",
                    "Environment variable with name \"%s\" is built-in and cannot be overridden".formatted(name));
        }
    }

    private static void requireFew(Map<String, String> variables) {
        if (variables.size() > MAX_VARIABLES) {
            throw new RefusedVariableException("EnvVarLimitMet",
                    "The environment variable limit (%d) has been met.".formatted(MAX_VARIABLES));
        }
        int total = variables.entrySet().stream()
                .mapToInt(variable -> bytes(variable.getKey()) + bytes(variable.getValue())).sum();
        if (total > MAX_TOTAL_BYTES) {
            throw new RefusedVariableException("EnvVarTotalSizeLimitMet",
                    "The total size of all environment variables (%d bytes) exceeds the limit (%d bytes)."
                            .formatted(total, MAX_TOTAL_BYTES));
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
