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
package dev.convexbackfill.local.sync;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.convexbackfill.client.value.ConvexJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The fields of a JSON object, whose values stay text until somebody wants them: arguments are kept as they were sent. What
 * is missing or of another type throws {@link IllegalArgumentException}.
 */
final class JsonFields {

    private static final String NULL = "null";

    private final Map<String, String> fields;

    private JsonFields(Map<String, String> fields) {
        this.fields = fields;
    }

    static JsonFields parse(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        Map<String, String> fields = new HashMap<>();
        try (JsonParser parser = ConvexJson.parser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("expected an object");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                fields.put(name, text(parser, bytes));
            }
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("trailing characters");
            }
        } catch (JacksonException broken) {
            throw new IllegalArgumentException(broken.getOriginalMessage(), broken);
        }
        return new JsonFields(fields);
    }

    private static List<String> elements(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        List<String> elements = new ArrayList<>();
        try (JsonParser parser = ConvexJson.parser(bytes)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new IllegalArgumentException("expected an array");
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                elements.add(text(parser, bytes));
            }
        }
        return elements;
    }

    /** The text of the value that begins at the current token. */
    private static String text(JsonParser parser, byte[] bytes) {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            // reads the string to its end, which the parser puts off
            parser.getStringLength();
        }
        parser.skipChildren();
        int end = (int) parser.currentLocation().getByteOffset();
        return new String(bytes, start, end - start, UTF_8).strip();
    }

    private static <T extends @Nullable Object> T scalar(String name, String json, Class<?> expected,
            Reader<T> reader) {
        try (JsonParser parser = ConvexJson.parser(json.getBytes(UTF_8))) {
            parser.nextToken();
            return reader.read(parser);
        } catch (JacksonException notThat) {
            throw new IllegalArgumentException("`%s` is no %s".formatted(name, expected.getSimpleName()), notThat);
        }
    }

    private interface Reader<T extends @Nullable Object> {

        T read(JsonParser parser);
    }

    /** The text of a field; null if it is missing or null. */
    @Nullable
    String optionalJson(String name) {
        String json = fields.get(name);
        return NULL.equals(json) ? null : json;
    }

    String json(String name) {
        String json = fields.get(name);
        if (json == null) {
            throw new IllegalArgumentException("missing field `%s`".formatted(name));
        }
        return json;
    }

    @Nullable
    String optionalString(String name) {
        String json = optionalJson(name);
        if (json == null) {
            return null;
        }
        if (!json.startsWith("\"")) {
            throw new IllegalArgumentException("`%s` is no string".formatted(name));
        }
        return scalar(name, json, String.class, JsonParser::getString);
    }

    String string(String name) {
        json(name);
        String value = optionalString(name);
        if (value == null) {
            throw new IllegalArgumentException("`%s` is no string".formatted(name));
        }
        return value;
    }

    /** A whole number from 0 to the largest of 32 bits. */
    long count(String name) {
        json(name);
        Long value = optionalLong(name);
        if (value == null || value < 0 || value > 0xffff_ffffL) {
            throw new IllegalArgumentException("`%s` is no number of 32 bits".formatted(name));
        }
        return value;
    }

    @Nullable
    Long optionalLong(String name) {
        String json = optionalJson(name);
        if (json == null) {
            return null;
        }
        if (json.startsWith("\"")) {
            throw new IllegalArgumentException("`%s` is no number".formatted(name));
        }
        return scalar(name, json, Long.class, JsonParser::getLongValue);
    }

    UUID uuid(String name) {
        return UUID.fromString(string(name));
    }

    List<JsonFields> objects(String name) {
        return elements(json(name)).stream().map(JsonFields::parse).toList();
    }
}
