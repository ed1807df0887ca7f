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
package dev.convexbackfill.local.javascript.query;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.store.InvalidOperationException;
import dev.convexbackfill.local.store.RangeExpression;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The JSON of queries. Source: {@code crates/common/src/query.rs} of the Convex backend. */
public final class QueryReader {

    /** Source: {@code MAX_QUERY_OPERATORS} of the Convex backend. */
    private static final int MAX_OPERATORS = 256;

    private final JsonParser json;
    private @Nullable String type;
    private @Nullable String table;
    private @Nullable String index;
    private boolean descending;
    private final List<RangeExpression> range = new ArrayList<>();
    private final List<QueryOperator> operators = new ArrayList<>();

    private QueryReader(JsonParser json) {
        this.json = json;
    }

    /** Reads from the current token to the end of the query. Throws {@link InvalidValueException} if it is none. */
    public static DatabaseQuery read(JsonParser json) {
        return new QueryReader(json).read();
    }

    private DatabaseQuery read() {
        requireStart(JsonToken.START_OBJECT);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "source" -> readSource();
                case "operators" -> readOperators();
                default -> json.skipChildren();
            }
        }
        if (operators.size() > MAX_OPERATORS) {
            throw new InvalidValueException("A query can have at most %d operators".formatted(MAX_OPERATORS));
        }
        return query();
    }

    private DatabaseQuery query() {
        return switch (type) {
            case "FullTableScan" -> new DatabaseQuery(require(table, "tableName"), null, List.of(), descending,
                    operators);
            case "IndexRange" -> {
                String name = require(index, "indexName");
                int dot = name.indexOf('.');
                if (dot < 1) {
                    throw new InvalidValueException("'%s' is no name of an index".formatted(name));
                }
                yield new DatabaseQuery(name.substring(0, dot), name.substring(dot + 1), range, descending, operators);
            }
            case "Search" -> throw new InvalidOperationException(
                    "Search indexes are not supported by a local deployment");
            case null,
                    default -> throw new InvalidValueException("There is no source of documents '%s'".formatted(type));
        };
    }

    private static String require(@Nullable String value, String name) {
        if (value == null) {
            throw new InvalidValueException("The query has no '%s'".formatted(name));
        }
        return value;
    }

    private void readSource() {
        requireStart(JsonToken.START_OBJECT);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "type" -> type = json.getString();
                case "tableName" -> table = json.getString();
                case "indexName" -> index = json.getString();
                case "order" -> descending = json.currentToken() == JsonToken.VALUE_STRING
                        && json.getString().equals("desc");
                case "range" -> readRange();
                default -> json.skipChildren();
            }
        }
    }

    private void readRange() {
        requireStart(JsonToken.START_ARRAY);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            range.add(readCondition());
        }
    }

    private RangeExpression readCondition() {
        requireStart(JsonToken.START_OBJECT);
        String comparison = "";
        String field = "";
        ConvexValue value = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "type" -> comparison = json.getString();
                case "fieldPath" -> field = json.getString();
                case "value" -> value = ConvexJson.readOrMissing(json);
                default -> json.skipChildren();
            }
        }
        return new RangeExpression(comparison(comparison), field, value);
    }

    private static RangeExpression.Comparison comparison(String name) {
        return switch (name) {
            case "Eq" -> RangeExpression.Comparison.EQ;
            case "Gt" -> RangeExpression.Comparison.GT;
            case "Gte" -> RangeExpression.Comparison.GTE;
            case "Lt" -> RangeExpression.Comparison.LT;
            case "Lte" -> RangeExpression.Comparison.LTE;
            default -> throw new InvalidValueException("There is no comparison '%s'".formatted(name));
        };
    }

    private void readOperators() {
        requireStart(JsonToken.START_ARRAY);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            requireStart(JsonToken.START_OBJECT);
            String name = String.valueOf(json.nextName());
            json.nextToken();
            operators.add(switch (name) {
                case "filter" -> new QueryOperator.Filter(new ExpressionReader(json).read());
                case "limit" -> new QueryOperator.Limit(json.getLongValue());
                default -> throw new InvalidValueException("There is no operator '%s'".formatted(name));
            });
            if (json.nextToken() != JsonToken.END_OBJECT) {
                throw new InvalidValueException("The operator '%s' has another field".formatted(name));
            }
        }
    }

    private void requireStart(JsonToken token) {
        if (json.currentToken() != token) {
            throw new InvalidValueException("The query is malformed: %s where %s was expected".formatted(
                    json.currentToken(), token));
        }
    }
}
