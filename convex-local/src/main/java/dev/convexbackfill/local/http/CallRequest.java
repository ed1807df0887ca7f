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
package dev.convexbackfill.local.http;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.function.FunctionArguments;
import dev.convexbackfill.local.function.FunctionFailedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The body of a call.
 *
 * @param path          null only where the URL has it
 * @param args          as sent: an object, or an array of one
 * @param format        null if not sent
 * @param componentPath null if not sent
 * @param timestamp     null if not sent
 */
record CallRequest(@Nullable String path, ConvexValue args, @Nullable String format, @Nullable String componentPath,
        @Nullable String timestamp) {

    /** Refuses what is no JSON, or lacks the arguments. */
    static CallRequest parse(byte[] body) {
        try (JsonParser json = ConvexJson.parser(body)) {
            json.nextToken();
            return parse(json);
        } catch (JacksonException broken) {
            throw RequestRefusedException.badBody(String.valueOf(broken.getOriginalMessage()));
        }
    }

    /** The requests of a batch: {@code {"queries": […]}}. */
    static List<CallRequest> parseBatch(byte[] body) {
        List<CallRequest> requests = new ArrayList<>();
        try (JsonParser json = ConvexJson.parser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT || !"queries".equals(json.nextName())
                    || json.nextToken() != JsonToken.START_ARRAY) {
                throw RequestRefusedException.badBody("missing field `queries`");
            }
            while (json.nextToken() != JsonToken.END_ARRAY) {
                requests.add(parse(json));
            }
        } catch (JacksonException broken) {
            throw RequestRefusedException.badBody(String.valueOf(broken.getOriginalMessage()));
        }
        return requests;
    }

    private static CallRequest parse(JsonParser json) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw RequestRefusedException.badBody("expected an object");
        }
        String path = null;
        String format = null;
        String componentPath = null;
        String timestamp = null;
        ConvexValue args = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "path" -> path = text(json, name);
                case "format" -> format = text(json, name);
                case "componentPath" -> componentPath = text(json, name);
                case "ts" -> timestamp = text(json, name);
                case "args" -> args = value(json);
                default -> json.skipChildren();
            }
        }
        if (args == null) {
            throw RequestRefusedException.badBody("missing field `args`");
        }
        return new CallRequest(path, args, format, componentPath, timestamp);
    }

    private static ConvexValue value(JsonParser json) {
        try {
            return ConvexJson.read(json);
        } catch (InvalidValueException invalid) {
            throw new FunctionFailedException("Invalid arguments: " + invalid.getMessage());
        }
    }

    private static @Nullable String text(JsonParser json, String name) {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw RequestRefusedException.badBody("`%s` is no string".formatted(name));
        }
        return json.getString();
    }

    String requirePath() {
        if (path == null) {
            throw RequestRefusedException.badBody("missing field `path`");
        }
        return path;
    }

    ConvexObject namedArgs() {
        return FunctionArguments.named(args);
    }

    ValueFormat valueFormat(ClientVersion client) {
        return format == null ? client.defaultFormat() : ValueFormat.parse(format);
    }
}
