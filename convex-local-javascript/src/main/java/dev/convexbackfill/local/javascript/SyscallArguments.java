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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.javascript.query.DatabaseQuery;
import dev.convexbackfill.local.javascript.query.QueryReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The arguments of a syscall: texts, numbers, and what some fields have in all syscalls: a query, or fields of documents. */
final class SyscallArguments {

    private final String operation;
    private final Map<String, Object> scalars = new HashMap<>();
    private final Map<String, @Nullable ConvexValue> fields = new LinkedHashMap<>();
    private @Nullable DatabaseQuery query;

    private SyscallArguments(String operation) {
        this.operation = operation;
    }

    /** Throws {@link InvalidValueException}. */
    static SyscallArguments parse(String operation, String json) {
        SyscallArguments arguments = new SyscallArguments(operation);
        try (JsonParser parser = ConvexJson.parser(json.getBytes(StandardCharsets.UTF_8))) {
            arguments.read(parser);
        } catch (JacksonException broken) {
            throw arguments.invalid(broken.getOriginalMessage());
        }
        return arguments;
    }

    private void read(JsonParser json) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw invalid("they are no object");
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            switch (json.currentToken()) {
                case VALUE_STRING -> scalars.put(name, json.getString());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> scalars.put(name, json.getDoubleValue());
                case VALUE_TRUE -> scalars.put(name, true);
                case START_OBJECT -> {
                    switch (name) {
                        case "value", "args" -> readFields(json);
                        case "query" -> query = QueryReader.read(json);
                        default -> json.skipChildren();
                    }
                }
                default -> json.skipChildren();
            }
        }
    }

    private void readFields(JsonParser json) {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            fields.put(name, ConvexJson.readOrMissing(json));
        }
    }

    private InvalidValueException invalid(@Nullable String problem) {
        return new InvalidValueException("Invalid arguments of '%s': %s".formatted(operation, problem));
    }

    @Nullable
    String optional(String name) {
        return scalars.get(name) instanceof String text ? text : null;
    }

    String text(String name) {
        String text = optional(name);
        if (text == null) {
            throw invalid("'%s' is missing".formatted(name));
        }
        return text;
    }

    double number(String name) {
        if (scalars.get(name) instanceof Double number) {
            return number;
        }
        throw invalid("'%s' is missing".formatted(name));
    }

    /** A number without a fraction and a sign, or {@code missing} if there is none. */
    long whole(String name, long missing) {
        if (!(scalars.get(name) instanceof Double number)) {
            return missing;
        }
        if (number < 0 || number != Math.rint(number)) {
            throw invalid("'%s' must be a whole number of at least 0 and not %s".formatted(name, number));
        }
        return number.longValue();
    }

    boolean is(String name) {
        return scalars.containsKey(name);
    }

    /** The fields of {@code value} or {@code args}; null for those that are to be removed. */
    Map<String, @Nullable ConvexValue> fields() {
        return fields;
    }

    /** The fields of {@code value} or {@code args} as an object; those that are missing are left out. */
    ConvexObject object() {
        ConvexObject.Builder object = ConvexObject.builder();
        fields.forEach((name, value) -> {
            if (value != null) {
                object.put(name, value);
            }
        });
        return object.build();
    }

    DatabaseQuery query() {
        if (query == null) {
            throw invalid("'query' is missing");
        }
        return query;
    }
}
