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

import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ValueOrder;
import dev.convexbackfill.local.store.InvalidOperationException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code filter} of a query computes of a document. Null is the value of a missing field. Source: {@code Expression} in
 * {@code crates/common/src/query.rs} of the Convex backend.
 */
public sealed interface Expression {

    /** Throws {@link InvalidOperationException} for what can't be computed. */
    @Nullable
    ConvexValue of(ConvexObject document);

    /** The value as a condition. Throws {@link InvalidOperationException} unless it is a boolean. */
    default boolean isTrueOf(ConvexObject document) {
        ConvexValue value = of(document);
        if (value instanceof ConvexBoolean(boolean is)) {
            return is;
        }
        throw new InvalidOperationException(
                "Cannot use value %s (type %s) as a Boolean".formatted(ValueNames.text(value), ValueNames.type(value)));
    }

    /** The value of a field; names with dots between them. */
    record Field(List<String> path) implements Expression {

        public Field {
            path = List.copyOf(path);
        }

        @Override
        public @Nullable ConvexValue of(ConvexObject document) {
            ConvexValue value = document;
            for (String name : path) {
                value = value instanceof ConvexObject object ? object.get(name) : null;
            }
            return value;
        }
    }

    /** A value. */
    record Literal(@Nullable ConvexValue value) implements Expression {

        @Override
        public @Nullable ConvexValue of(ConvexObject document) {
            return value;
        }
    }

    /** What two values are compared for. */
    enum Relation {
        EQ, NEQ, LT, LTE, GT, GTE;

        boolean holds(int order) {
            return switch (this) {
                case EQ -> order == 0;
                case NEQ -> order != 0;
                case LT -> order < 0;
                case LTE -> order <= 0;
                case GT -> order > 0;
                case GTE -> order >= 0;
            };
        }
    }

    /** Compares by {@link ValueOrder}, values of any type. */
    record Comparison(Relation relation, Expression left, Expression right) implements Expression {

        @Override
        public ConvexValue of(ConvexObject document) {
            return ConvexValue.of(
                    relation.holds(ValueOrder.INSTANCE.compare(left.of(document), right.of(document))));
        }
    }

    /** What is done with two numbers. */
    enum Operation {
        ADD("add"), SUB("subtract"), MUL("multiply"), DIV("divide"), MOD("mod");

        private final String verb;

        Operation(String verb) {
            this.verb = verb;
        }

        private long of(long left, long right) {
            return switch (this) {
                case ADD -> Math.addExact(left, right);
                case SUB -> Math.subtractExact(left, right);
                case MUL -> Math.multiplyExact(left, right);
                case DIV -> Math.divideExact(left, right);
                case MOD -> left == Long.MIN_VALUE && right == -1 ? Math.negateExact(left) : left % right;
            };
        }

        private double of(double left, double right) {
            return switch (this) {
                case ADD -> left + right;
                case SUB -> left - right;
                case MUL -> left * right;
                case DIV -> left / right;
                case MOD -> left % right;
            };
        }
    }

    /** Computes with two numbers of one type. */
    record Arithmetic(Operation operation, Expression left, Expression right) implements Expression {

        @Override
        public ConvexValue of(ConvexObject document) {
            ConvexValue a = left.of(document);
            ConvexValue b = right.of(document);
            if (a instanceof ConvexFloat64(double x) && b instanceof ConvexFloat64(double y)) {
                return ConvexValue.number(operation.of(x, y));
            }
            if (a instanceof ConvexInt64(long x) && b instanceof ConvexInt64(long y)) {
                try {
                    return ConvexValue.int64(operation.of(x, y));
                } catch (ArithmeticException _) {
                    throw new InvalidOperationException(y == 0
                            ? "Cannot %s %d by zero".formatted(operation.verb, x)
                            : "Cannot %s %d and %d: the result is out of range for Int64".formatted(operation.verb, x,
                                    y));
                }
            }
            throw new InvalidOperationException("Cannot %s %s (type %s) and %s (type %s)".formatted(operation.verb,
                    ValueNames.text(a), ValueNames.type(a), ValueNames.text(b), ValueNames.type(b)));
        }
    }

    /** The number with the other sign. */
    record Negation(Expression of) implements Expression {

        @Override
        public ConvexValue of(ConvexObject document) {
            ConvexValue value = of.of(document);
            return switch (value) {
                case ConvexFloat64(double x) -> ConvexValue.number(-x);
                case ConvexInt64(long x) when x != Long.MIN_VALUE -> ConvexValue.int64(-x);
                case ConvexInt64(long x) -> throw new InvalidOperationException(
                        "Cannot negate %d: the result is out of range for Int64".formatted(x));
                case null, default -> throw new InvalidOperationException(
                        "Cannot negate %s (type %s)".formatted(ValueNames.text(value), ValueNames.type(value)));
            };
        }
    }

    /** True unless a condition does not hold; those behind it are not looked at. */
    record And(List<Expression> all) implements Expression {

        public And {
            all = List.copyOf(all);
        }

        @Override
        public ConvexValue of(ConvexObject document) {
            return ConvexValue.of(all.stream().allMatch(each -> each.isTrueOf(document)));
        }
    }

    /** True if a condition holds; those behind it are not looked at. */
    record Or(List<Expression> any) implements Expression {

        public Or {
            any = List.copyOf(any);
        }

        @Override
        public ConvexValue of(ConvexObject document) {
            return ConvexValue.of(any.stream().anyMatch(each -> each.isTrueOf(document)));
        }
    }

    /** True if the condition does not hold. */
    record Not(Expression of) implements Expression {

        @Override
        public ConvexValue of(ConvexObject document) {
            return ConvexValue.of(!of.isTrueOf(document));
        }
    }
}
