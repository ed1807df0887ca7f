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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.auth.UserAttributes;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.store.Timestamps;
import dev.convexbackfill.local.sync.ClientMessage.Authenticate;
import dev.convexbackfill.local.sync.ClientMessage.Call;
import dev.convexbackfill.local.sync.ClientMessage.Change;
import dev.convexbackfill.local.sync.ClientMessage.Connect;
import dev.convexbackfill.local.sync.ClientMessage.Event;
import dev.convexbackfill.local.sync.ClientMessage.ModifyQuerySet;
import dev.convexbackfill.local.sync.ClientMessage.Token;
import org.jspecify.annotations.Nullable;

/** Reads what clients send. */
final class ClientMessageParser {

    private ClientMessageParser() {}

    /** Throws {@link SyncFailure} for what is no message. */
    static ClientMessage parse(String text) {
        try {
            return message(JsonFields.parse(text));
        } catch (IllegalArgumentException | InvalidValueException invalid) {
            throw SyncFailure.invalidMessage(String.valueOf(invalid.getMessage()));
        }
    }

    private static ClientMessage message(JsonFields fields) {
        return switch (fields.string("type")) {
            case "Connect" -> {
                fields.count("connectionCount");
                String observed = fields.optionalString("maxObservedTimestamp");
                yield new Connect(fields.uuid("sessionId"), observed == null ? null : Timestamps.decode(observed),
                        fields.optionalLong("clientTs"));
            }
            case "ModifyQuerySet" -> new ModifyQuerySet(fields.count("baseVersion"), fields.count("newVersion"),
                    fields.objects("modifications").stream().map(ClientMessageParser::change).toList());
            case "Mutation" -> call(FunctionKind.MUTATION, fields);
            case "Action" -> call(FunctionKind.ACTION, fields);
            case "Authenticate" -> new Authenticate(fields.count("baseVersion"), token(fields));
            case "Event" -> new Event();
            default -> throw new IllegalArgumentException("unknown variant `%s`".formatted(fields.string("type")));
        };
    }

    private static Change change(JsonFields fields) {
        return switch (fields.string("type")) {
            case "Add" -> {
                String args = fields.optionalJson("args");
                yield new Change.Add(new Query(fields.count("queryId"), path(fields), args == null ? "[]" : args,
                        fields.optionalString("journal"), fields.optionalString("componentPath")));
            }
            case "Remove" -> new Change.Remove(fields.count("queryId"));
            default -> throw new IllegalArgumentException("unknown variant `%s`".formatted(fields.string("type")));
        };
    }

    private static Call call(FunctionKind kind, JsonFields fields) {
        return new Call(kind, fields.count("requestId"), path(fields), fields.json("args"),
                fields.optionalString("componentPath"));
    }

    private static String path(JsonFields fields) {
        String path = fields.string("udfPath");
        if (path.isBlank() || path.startsWith(":") || path.endsWith(":")) {
            throw new IllegalArgumentException("%s is not a valid path to a Convex function.".formatted(path));
        }
        return path;
    }

    private static Token token(JsonFields fields) {
        return switch (fields.string("tokenType")) {
            case "Admin" -> new Token.Admin(fields.string("value"), user(fields));
            case "User" -> {
                fields.string("value");
                yield new Token.User();
            }
            case "None" -> new Token.None();
            default -> throw new IllegalArgumentException("unknown variant `%s`".formatted(fields.string("tokenType")));
        };
    }

    /** The first is what clients call it, the second what the backend does. */
    private static @Nullable ConvexObject user(JsonFields fields) {
        String impersonating = fields.optionalJson("impersonating");
        String attributes = impersonating == null ? fields.optionalJson("acting_as") : impersonating;
        return attributes == null ? null : UserAttributes.of(ConvexJson.decodeObject(attributes.getBytes(UTF_8)));
    }
}
