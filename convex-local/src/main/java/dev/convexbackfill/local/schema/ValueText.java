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
package dev.convexbackfill.local.schema;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexBytes;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Values as Convex's messages show them. Source: {@code Display} of values in {@code crates/value} of the Convex backend. */
public final class ValueText {

    /** Numbers from here on, and below {@link #SMALL}, are shown with an exponent. */
    private static final double LARGE = 1e16;
    private static final double SMALL = 1e-4;

    private ValueText() {}

    /** The text of a value; {@code undefined} for null. */
    public static String of(@Nullable ConvexValue value) {
        return switch (value) {
            case null -> "undefined";
            case ConvexNull _ -> "null";
            case ConvexInt64(long n) -> Long.toString(n);
            case ConvexFloat64(double n) -> number(n);
            case ConvexBoolean(boolean b) -> Boolean.toString(b);
            case ConvexString(String text) -> quoted(text);
            case ConvexBytes bytes -> "b" + quoted(Base64.getEncoder().encodeToString(bytes.toByteArray()));
            case ConvexArray array -> {
                StringJoiner joined = new StringJoiner(", ", "[", "]");
                array.forEach(element -> joined.add(of(element)));
                yield joined.toString();
            }
            case ConvexObject object -> {
                StringJoiner joined = new StringJoiner(", ", "{", "}");
                object.forEach((name, element) -> joined.add(name + ": " + of(element)));
                yield joined.toString();
            }
        };
    }

    static String number(double n) {
        if (Double.isNaN(n)) {
            return "NaN";
        }
        if (Double.isInfinite(n)) {
            return n > 0 ? "inf" : "-inf";
        }
        if (n == 0) {
            return Double.toString(n);
        }
        BigDecimal exact = new BigDecimal(Double.toString(n)).stripTrailingZeros();
        if (Math.abs(n) >= LARGE || Math.abs(n) < SMALL) {
            int exponent = exact.precision() - exact.scale() - 1;
            return exact.scaleByPowerOfTen(-exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
        }
        return exact.scale() <= 0 ? exact.toBigInteger() + ".0" : exact.toPlainString();
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(character -> {
            switch (character) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case 0 -> quoted.append("\\0");
                default -> {
                    if (isShown(character)) {
                        quoted.appendCodePoint(character);
                    } else {
                        quoted.append("\\u{").append(Integer.toHexString(character)).append('}');
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    private static boolean isShown(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.UNASSIGNED, Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> character == ' ';
            default -> true;
        };
    }
}
