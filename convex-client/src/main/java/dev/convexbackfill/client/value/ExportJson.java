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
package dev.convexbackfill.client.value;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.util.ByteArrayBuilder;

/**
 * The JSON form of values in Convex's snapshots and streaming exports, {@code export_json}. It is exact: an int64 is a number
 * without a dot and an exponent, a float64 always has one of them, {@code -0.0} is written so, and bytes, NaN and the
 * infinities are as in {@link ConvexJson}. Source: {@code crates/value/src/export.rs} of the Convex backend.
 */
public final class ExportJson {

    private static final int MAX_PLAIN_PLACES = 16;
    private static final int MAX_PLAIN_ZEROS = 4;

    private ExportJson() {}

    /** Throws {@link InvalidValueException} if {@code json} is no JSON, no Convex value, or more than one. */
    public static ConvexValue decode(byte[] json) {
        return ConvexJson.decode(ConvexJson.parser(json), ConvexJson.Form.EXPORT);
    }

    /** As {@link #decode}, for JSON that must be an object, as each line of a snapshot is. */
    public static ConvexObject decodeObject(byte[] json) {
        if (decode(json) instanceof ConvexObject object) {
            return object;
        }
        throw new InvalidValueException("The JSON is no object");
    }

    /** UTF-8. */
    public static byte[] encode(ConvexValue value) {
        try (ByteArrayBuilder out = new ByteArrayBuilder(512);
                JsonGenerator generator = ConvexJson.generator(out)) {
            write(generator, value);
            generator.flush();
            return out.toByteArray();
        }
    }

    /**
     * Reads the value that begins at the current token and leaves the parser at its last. Throws
     * {@link InvalidValueException} if it is none, and {@link JacksonException} for broken JSON.
     */
    public static ConvexValue read(JsonParser parser) {
        return ConvexJson.read(parser, ConvexJson.Form.EXPORT);
    }

    /** Writes {@code value} where the generator stands. */
    public static void write(JsonGenerator generator, ConvexValue value) {
        switch (value) {
            case ConvexInt64(long n) -> generator.writeNumber(n);
            case ConvexFloat64(double n) when Double.isFinite(n) -> generator.writeNumber(float64(n));
            case ConvexArray array -> {
                generator.writeStartArray();
                for (ConvexValue element : array) {
                    write(generator, element);
                }
                generator.writeEndArray();
            }
            case ConvexObject object -> {
                generator.writeStartObject();
                for (int i = 0; i < object.size(); i++) {
                    generator.writeName(object.name(i));
                    write(generator, object.value(i));
                }
                generator.writeEndObject();
            }
            case ConvexNull _,ConvexBoolean _,ConvexString _,ConvexBytes _,ConvexFloat64 _ -> ConvexJson
                    .write(generator, value);
        }
    }

    /** The shortest digits, without an exponent up to 16 places on the left and 4 zeros on the right, as Convex writes them. */
    private static String float64(double number) {
        String text = Double.toString(number);
        int exponent = text.indexOf('E');
        if (exponent < 0) {
            return text;
        }
        int sign = number < 0 ? 1 : 0;
        String digits = text.substring(sign, exponent).replace(".", "").replaceFirst("0+$", "");
        // where the point stands among the digits
        int point = Integer.parseInt(text.substring(exponent + 1)) + 1;
        String unsigned;
        if (point > MAX_PLAIN_PLACES || point <= -MAX_PLAIN_ZEROS - 1) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            unsigned = digits.charAt(0) + fraction + "e" + (point - 1);
        } else if (point <= 0) {
            unsigned = "0." + "0".repeat(-point) + digits;
        } else if (point >= digits.length()) {
            unsigned = digits + "0".repeat(point - digits.length()) + ".0";
        } else {
            unsigned = digits.substring(0, point) + "." + digits.substring(point);
        }
        return sign == 1 ? "-" + unsigned : unsigned;
    }
}
