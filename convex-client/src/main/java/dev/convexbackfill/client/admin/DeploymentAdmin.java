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
package dev.convexbackfill.client.admin;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a deployment from outside its functions. It stands on routes and system functions that Convex keeps for its own
 * tools and may change: an answer of another shape is a {@link ConvexException} that says so. Read-only.
 */
public final class DeploymentAdmin {

    private static final FunctionPath TABLE_MAPPING = new FunctionPath("_system/frontend/getTableMapping:default");
    private static final FunctionPath API_SPEC = new FunctionPath("_system/cli/modules:apiSpec");
    private static final FunctionPath TABLE_SIZE = new FunctionPath("_system/cli/tableSize:default");

    private static final FunctionPath SCHEMAS = new FunctionPath("_system/frontend/getSchemas:default");
    /** What a sync client asks for to query several functions as of one time. */
    private static final String TIMESTAMP = "/api/query_ts";
    private static final String INDEXES = "/api/get_indexes";
    private static final String COLUMNS = "/api/get_table_column_names";

    private final ConvexClient client;
    private final CallOptions options;

    /** Makes its calls with {@code client}, which has a deploy key. */
    public DeploymentAdmin(ConvexClient client, CallOptions options) {
        this.client = client;
        this.options = options;
    }

    /** Throws {@link ConvexException} of the category UNAUTHORIZED if the deployment does not take the client's key. */
    public void requireValidKey() {
        client.get("/api/check_admin_key", options);
    }

    /** The deployment's name, which is part of its keys. */
    public String instanceName() {
        return new String(client.get("/instance_name", options), StandardCharsets.UTF_8).strip();
    }

    /** The version of the server. */
    public String version() {
        return new String(client.get("/version", options), StandardCharsets.UTF_8).strip();
    }

    /** The numbers of the app's tables, which are part of their documents' ids, by table name in order. */
    public Map<String, Long> tableNumbers() {
        ConvexValue mapping = client.query(TABLE_MAPPING, ConvexObject.EMPTY, options).value();
        Map<String, Long> numbers = new TreeMap<>();
        try {
            ((ConvexObject) mapping)
                    .forEach((number, name) -> numbers.put(((ConvexString) name).value(), Long.valueOf(number)));
        } catch (ClassCastException | NumberFormatException unexpected) {
            throw unknownShape(TABLE_MAPPING, mapping, unexpected);
        }
        return numbers;
    }

    /** How many documents a table has, as the deployment keeps count; zero for a table that does not exist. */
    public long tableSize(String table) {
        ConvexValue size = client.query(TABLE_SIZE, ConvexObject.of("tableName", ConvexValue.of(table)), options)
                .value();
        if (size instanceof ConvexFloat64(double documents)) {
            return (long) documents;
        }
        throw unknownShape(TABLE_SIZE, size, new InvalidValueException("not a number"));
    }

    /** The functions that the app has deployed, public and internal. */
    public Set<FunctionPath> functions() {
        return functionTypes().keySet();
    }

    /** The functions that the app has deployed, public and internal, and what each is: Query, Mutation or Action. */
    public Map<FunctionPath, String> functionTypes() {
        ConvexValue specification = client.query(API_SPEC, ConvexObject.EMPTY, options).value();
        Map<FunctionPath, String> functions = new HashMap<>();
        try {
            for (ConvexValue element : (ConvexArray) specification) {
                ConvexObject function = (ConvexObject) element;
                String identifier = function.optionalString("identifier");
                if (identifier != null) {
                    functions.put(new FunctionPath(identifier.replaceFirst("\\.js:", ":")),
                            function.string("functionType"));
                }
            }
        } catch (ClassCastException | IllegalArgumentException | InvalidValueException unexpected) {
            throw unknownShape(API_SPEC, specification, unexpected);
        }
        return functions;
    }

    /** The schema that is in force, and the one that somebody is deploying. */
    public DeploymentSchema schema() {
        ConvexValue answer = client.query(SCHEMAS, ConvexObject.EMPTY, options).value();
        try {
            return SchemaAnswers.schemas(answer);
        } catch (ClassCastException | InvalidValueException unexpected) {
            throw unknownShape(SCHEMAS, answer, unexpected);
        }
    }

    /** The schema that is in force, as the JSON that the deployment keeps of it, also what {@link #schema} leaves out; null if there is none. */
    public @Nullable String activeSchemaJson() {
        ConvexValue answer = client.query(SCHEMAS, ConvexObject.EMPTY, options).value();
        try {
            return ((ConvexObject) answer).optionalString("active");
        } catch (ClassCastException | InvalidValueException unexpected) {
            throw unknownShape(SCHEMAS, answer, unexpected);
        }
    }

    /** A time that the deployment has reached, in nanoseconds since 1970 as its commits are numbered. */
    public long timestamp() {
        byte[] answer = client.post(TIMESTAMP, new byte[0], options.asRepeatable());
        try {
            byte[] littleEndian = Base64.getDecoder().decode(ConvexJson.decodeObject(answer).string("ts"));
            return ByteBuffer.wrap(littleEndian).order(ByteOrder.LITTLE_ENDIAN).getLong();
        } catch (InvalidValueException | IllegalArgumentException | BufferUnderflowException unexpected) {
            throw unknownShape(TIMESTAMP, new String(answer, StandardCharsets.UTF_8), unexpected);
        }
    }

    /** The database indexes that the app has declared; search and vector indexes are not among them. */
    public List<IndexStatus> indexes() {
        return read(INDEXES, SchemaAnswers::indexes);
    }

    /**
     * The top-level fields of each table, in order, as far as the deployment has noticed them: it looks at documents now and
     * then, and rare fields may be missing.
     */
    public SortedMap<String, List<String>> columns() {
        return read(COLUMNS, SchemaAnswers::columns);
    }

    private <T> T read(String route, Function<byte[], T> reader) {
        byte[] answer = client.get(route, options);
        try {
            return reader.apply(answer);
        } catch (ClassCastException | InvalidValueException unexpected) {
            throw unknownShape(route, new String(answer, StandardCharsets.UTF_8), unexpected);
        }
    }

    private static ConvexException unknownShape(FunctionPath function, ConvexValue answer, Exception cause) {
        return unknownShape(function.toString(), ConvexJson.encodeToString(answer), cause);
    }

    private static ConvexException unknownShape(String function, String text, Exception cause) {
        return new ConvexException(FailureCategory.REQUEST_REFUSED,
                "'%s' answered in a form that this version does not know: %s".formatted(function,
                        text.substring(0, Math.min(text.length(), 200))),
                cause);
    }
}
