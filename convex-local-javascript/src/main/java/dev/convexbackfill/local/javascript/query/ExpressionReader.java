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
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.javascript.query.Expression.Arithmetic;
import dev.convexbackfill.local.javascript.query.Expression.Comparison;
import dev.convexbackfill.local.javascript.query.Expression.Operation;
import dev.convexbackfill.local.javascript.query.Expression.Relation;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The JSON of expressions: objects of one field, which names what is computed. */
final class ExpressionReader {

    /** Deeper ones can't be computed on the stack of a call. */
    private static final int MAX_DEPTH = 256;

    private final JsonParser json;

    ExpressionReader(JsonParser json) {
        this.json = json;
    }

    /** Reads from the current token to the end of the expression. Throws {@link InvalidValueException}. */
    Expression read() {
        return read(0);
    }

    private Expression read(int depth) {
        if (json.currentToken() != JsonToken.START_OBJECT || depth > MAX_DEPTH) {
            throw new InvalidValueException("An expression of a filter must be an object, nested up to %d levels deep"
                    .formatted(MAX_DEPTH));
        }
        String name = json.nextName();
        json.nextToken();
        Expression expression = named(String.valueOf(name), depth);
        if (json.nextToken() != JsonToken.END_OBJECT) {
            throw new InvalidValueException("The expression '%s' has another field".formatted(name));
        }
        return expression;
    }

    private Expression named(String name, int depth) {
        return switch (name) {
            case "$field" -> new Expression.Field(List.of(json.getString().split("\\.", -1)));
            case "$literal" -> new Expression.Literal(ConvexJson.readOrMissing(json));
            case "$eq" -> comparison(Relation.EQ, depth);
            case "$neq" -> comparison(Relation.NEQ, depth);
            case "$lt" -> comparison(Relation.LT, depth);
            case "$lte" -> comparison(Relation.LTE, depth);
            case "$gt" -> comparison(Relation.GT, depth);
            case "$gte" -> comparison(Relation.GTE, depth);
            case "$add" -> arithmetic(Operation.ADD, depth);
            case "$sub" -> arithmetic(Operation.SUB, depth);
            case "$mul" -> arithmetic(Operation.MUL, depth);
            case "$div" -> arithmetic(Operation.DIV, depth);
            case "$mod" -> arithmetic(Operation.MOD, depth);
            case "$neg" -> new Expression.Negation(read(depth + 1));
            case "$not" -> new Expression.Not(read(depth + 1));
            case "$and" -> new Expression.And(list(depth));
            case "$or" -> new Expression.Or(list(depth));
            default -> throw new InvalidValueException("There is no expression '%s'".formatted(name));
        };
    }

    private Expression comparison(Relation relation, int depth) {
        List<Expression> operands = two(relation.name(), depth);
        return new Comparison(relation, operands.getFirst(), operands.getLast());
    }

    private Expression arithmetic(Operation operation, int depth) {
        List<Expression> operands = two(operation.name(), depth);
        return new Arithmetic(operation, operands.getFirst(), operands.getLast());
    }

    private List<Expression> two(String name, int depth) {
        List<Expression> operands = list(depth);
        if (operands.size() != 2) {
            throw new InvalidValueException("The expression '%s' needs 2 operands and not %d".formatted(name,
                    operands.size()));
        }
        return operands;
    }

    private List<Expression> list(int depth) {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new InvalidValueException("The operands of an expression must be an array");
        }
        List<Expression> operands = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            operands.add(read(depth + 1));
        }
        return operands;
    }
}
