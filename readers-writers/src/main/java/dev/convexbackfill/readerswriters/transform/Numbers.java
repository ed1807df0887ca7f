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
package dev.convexbackfill.readerswriters.transform;

import java.math.BigDecimal;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Numbers and their text, strictly, as JavaScript writes them, whatever the locale. */
final class Numbers {

    /** Above it not every whole number is a float64. */
    static final double MAX_SAFE_INTEGER = 9007199254740991.0;

    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]*)");
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final int MAX_TEXT = 400;
    private static final int FIRST_EXPONENT = 21;
    private static final int LAST_LEADING_ZERO = -6;

    private Numbers() {}

    /** Empty unless the whole text is one number that a float64 holds, with every digit of it if it is a whole number. */
    static OptionalDouble parseNumber(String text) {
        if (text.length() > MAX_TEXT || !NUMBER.matcher(text).matches()) {
            return OptionalDouble.empty();
        }
        double number = Double.parseDouble(text);
        boolean exact = Double.isFinite(number)
                && (Math.abs(number) <= MAX_SAFE_INTEGER || !INTEGER.matcher(text).matches());
        return exact ? OptionalDouble.of(number) : OptionalDouble.empty();
    }

    /** Empty unless the whole text is one whole number of 64 bits. */
    static OptionalLong parseInteger(String text) {
        if (text.length() > MAX_TEXT || !INTEGER.matcher(text).matches()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    /** What {@code String(number)} is in JavaScript. */
    static String toText(double number) {
        if (Double.isNaN(number)) {
            return "NaN";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "Infinity" : "-Infinity";
        }
        if (number == 0) {
            return "0";
        }
        BigDecimal shortest = new BigDecimal(Double.toString(Math.abs(number))).stripTrailingZeros();
        String digits = shortest.unscaledValue().toString();
        int point = digits.length() - shortest.scale();
        String text;
        if (point > FIRST_EXPONENT || point <= LAST_LEADING_ZERO) {
            int exponent = point - 1;
            text = digits.charAt(0) + (digits.length() > 1 ? "." + digits.substring(1) : "") + "e"
                    + (exponent > 0 ? "+" : "") + exponent;
        } else {
            text = shortest.toPlainString();
        }
        return number < 0 ? "-" + text : text;
    }
}
