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

import static dev.convexbackfill.client.value.ValueLimits.MAX_ARRAY_LENGTH;
import static dev.convexbackfill.client.value.ValueLimits.MAX_NESTING;
import static dev.convexbackfill.client.value.ValueLimits.MAX_OBJECT_FIELDS;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

/**
 * Convex's exact JSON form of values, {@code convex_encoded_json}: int64, bytes, NaN, the infinities and {@code -0.0} survive
 * it. Source: {@code crates/value/src/json} of the Convex backend.
 */
public final class ConvexJson {

    private static final String INTEGER = "$integer";
    private static final String FLOAT = "$float";
    private static final String BYTES = "$bytes";
    private static final String UNDEFINED = "$undefined";

    /** Bytes of one string or name in JSON: above what the largest value needs, with every character escaped. */
    private static final int MAX_TEXT = 6 * (int) ValueLimits.MAX_VALUE_SIZE;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    // envelopes and argument lists lie around the value
                    .maxNestingDepth(MAX_NESTING + 16)
                    .maxStringLength(MAX_TEXT)
                    .build())
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();

    /** What differs between the JSON forms that values can be read from. */
    enum Form {

        /** {@code convex_encoded_json}: every number is a float64. */
        ENCODED,
        /** {@code export_json}: a number without a dot and an exponent is an int64. */
        EXPORT,
        /** JSON that is not made for Convex: every number is a float64, and no object is special. */
        PLAIN
    }

    private ConvexJson() {}

    /** Throws {@link InvalidValueException} if {@code json} is no JSON, no Convex value, or more than one. */
    public static ConvexValue decode(byte[] json) {
        return decode(parser(json), Form.ENCODED);
    }

    /**
     * As {@link #decode(byte[])}, for JSON that is not made for Convex: every number is a float64, and objects such as
     * {@code {"$integer": …}} are refused, because no field may be named so.
     */
    public static ConvexValue decodePlain(byte[] json) {
        return decode(parser(json), Form.PLAIN);
    }

    /** As {@link #decode(byte[])}. */
    public static ConvexValue decode(String json) {
        return decode(FACTORY.createParser(ObjectReadContext.empty(), json), Form.ENCODED);
    }

    static ConvexValue decode(JsonParser parser, Form form) {
        try (parser) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new InvalidValueException("The JSON is empty");
            }
            ConvexValue value = read(parser, form);
            if (parser.nextToken() != null) {
                throw new InvalidValueException("Something follows the JSON value");
            }
            return value;
        } catch (JacksonException notJson) {
            throw new InvalidValueException("Not valid JSON: " + notJson.getOriginalMessage(), notJson);
        }
    }

    /** As {@link #decode(byte[])}, for JSON that must be an object. */
    public static ConvexObject decodeObject(byte[] json) {
        if (decode(json) instanceof ConvexObject object) {
            return object;
        }
        throw new InvalidValueException("The JSON is no object");
    }

    /** UTF-8. */
    public static byte[] encode(ConvexValue value) {
        try (ByteArrayBuilder out = new ByteArrayBuilder(512);
                JsonGenerator generator = generator(out)) {
            write(generator, value);
            generator.flush();
            return out.toByteArray();
        }
    }

    public static String encodeToString(ConvexValue value) {
        return new String(encode(value), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** A parser with the limits of Convex, for JSON that has values in it. The caller closes it. */
    public static JsonParser parser(byte[] json) {
        return FACTORY.createParser(ObjectReadContext.empty(), json);
    }

    /** A generator for JSON that has values in it. The caller closes it. */
    public static JsonGenerator generator(java.io.OutputStream out) {
        return FACTORY.createGenerator(ObjectWriteContext.empty(), out);
    }

    /**
     * Reads the value that begins at the current token and leaves the parser at its last. Throws
     * {@link InvalidValueException} if it is none, and {@link JacksonException} for broken JSON.
     */
    public static ConvexValue read(JsonParser parser) {
        return read(parser, Form.ENCODED);
    }

    /**
     * As {@link #read}, where a value may be said to be missing, as the fields of a patch and the operands of a query may:
     * null for <code>{"$undefined": null}</code>.
     */
    public static @Nullable ConvexValue readOrMissing(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return read(parser);
        }
        if (parser.nextToken() == JsonToken.END_OBJECT) {
            return ConvexObject.EMPTY;
        }
        if (!parser.currentName().equals(UNDEFINED)) {
            return fields(parser, Form.ENCODED, 0);
        }
        if (parser.nextToken() != JsonToken.VALUE_NULL || parser.nextToken() != JsonToken.END_OBJECT) {
            throw new InvalidValueException("'%s' must hold null, and be the only field of its object".formatted(
                    UNDEFINED));
        }
        return null;
    }

    /** As {@link #read(JsonParser)}, for plain JSON: see {@link #decodePlain}. */
    public static ConvexValue readPlain(JsonParser parser) {
        return read(parser, Form.PLAIN);
    }

    static ConvexValue read(JsonParser parser, Form form) {
        return read(parser, form, 0);
    }

    private static ConvexValue read(JsonParser parser, Form form, int depth) {
        if (depth > MAX_NESTING) {
            throw new InvalidValueException(
                    "Value is too nested (nested more than %d levels deep)".formatted(MAX_NESTING));
        }
        return switch (parser.currentToken()) {
            case VALUE_NULL -> ConvexNull.NULL;
            case VALUE_TRUE -> ConvexValue.of(true);
            case VALUE_FALSE -> ConvexValue.of(false);
            case VALUE_STRING -> ConvexValue.of(parser.getString());
            case VALUE_NUMBER_INT -> form == Form.EXPORT ? wholeNumber(parser) : number(parser);
            case VALUE_NUMBER_FLOAT -> number(parser);
            case START_ARRAY -> array(parser, form, depth);
            case START_OBJECT -> object(parser, form, depth);
            case null, default -> throw new InvalidValueException("The JSON ends where a value should begin");
        };
    }

    private static ConvexFloat64 number(JsonParser parser) {
        double value = parser.getDoubleValue();
        if (value == 0 && parser.getString().startsWith("-")) {
            value = -0.0;
        }
        if (!Double.isFinite(value)) {
            throw new InvalidValueException("The number %s is out of range".formatted(parser.getString()));
        }
        return ConvexValue.number(value);
    }

    /** An int64 if it fits; {@code -0} and what does not fit are float64, as in Convex. */
    private static ConvexValue wholeNumber(JsonParser parser) {
        boolean fits = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        return fits && !parser.getString().equals("-0") ? ConvexValue.int64(parser.getLongValue()) : number(parser);
    }

    private static ConvexArray array(JsonParser parser, Form form, int depth) {
        List<ConvexValue> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            values.add(read(parser, form, depth + 1));
        }
        if (values.size() > MAX_ARRAY_LENGTH) {
            throw new InvalidValueException("Array length is too long (%d > maximum length %d)"
                    .formatted(values.size(), MAX_ARRAY_LENGTH));
        }
        return new ConvexArray(values);
    }

    private static ConvexValue object(JsonParser parser, Form form, int depth) {
        return parser.nextToken() == JsonToken.END_OBJECT ? ConvexObject.EMPTY : fields(parser, form, depth);
    }

    private static ConvexValue fields(JsonParser parser, Form form, int depth) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.startsWith("$")) {
            if (form == Form.PLAIN) {
                FieldName.require(name);
            }
            return special(parser, name);
        }
        ConvexObject.Builder object = ConvexObject.builder().put(name, read(parser, form, depth + 1));
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String next = parser.currentName();
            parser.nextToken();
            object.put(next, read(parser, form, depth + 1));
        }
        ConvexObject built = object.build();
        if (built.size() > MAX_OBJECT_FIELDS) {
            throw new InvalidValueException("Object has too many fields (%d > maximum number %d)"
                    .formatted(built.size(), MAX_OBJECT_FIELDS));
        }
        return built;
    }

    private static ConvexValue special(JsonParser parser, String name) {
        if (!name.equals(INTEGER) && !name.equals(FLOAT) && !name.equals(BYTES)) {
            FieldName.require(name);
        }
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw new InvalidValueException("'%s' must hold a string".formatted(name));
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(parser.getString());
        } catch (IllegalArgumentException notBase64) {
            throw new InvalidValueException("'%s' holds no base64".formatted(name), notBase64);
        }
        if (parser.nextToken() != JsonToken.END_OBJECT) {
            throw new InvalidValueException("'%s' must be the only field of its object".formatted(name));
        }
        return switch (name) {
            case INTEGER -> ConvexValue.int64(littleEndian(name, bytes).getLong());
            case FLOAT -> special(littleEndian(name, bytes).getDouble());
            default -> ConvexBytes.wrap(bytes);
        };
    }

    private static ConvexFloat64 special(double value) {
        ConvexFloat64 number = ConvexValue.number(value);
        if (number.isOrdinary() && value != 0) {
            throw new InvalidValueException("Float64 %s should be encoded as a number".formatted(value));
        }
        return number;
    }

    private static ByteBuffer littleEndian(String name, byte[] bytes) {
        if (bytes.length != Long.BYTES) {
            throw new InvalidValueException("'%s' holds %d bytes and not 8".formatted(name, bytes.length));
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes {@code value} where the generator stands. */
    public static void write(JsonGenerator generator, ConvexValue value) {
        switch (value) {
            case ConvexNull _ -> generator.writeNull();
            case ConvexInt64(long n) -> writeSpecial(generator, INTEGER, base64(n));
            case ConvexFloat64 number when number.isOrdinary() -> generator.writeNumber(number.value());
            case ConvexFloat64(double n) -> writeSpecial(generator, FLOAT, base64(Double.doubleToRawLongBits(n)));
            case ConvexBoolean(boolean b) -> generator.writeBoolean(b);
            case ConvexString(String text) -> generator.writeString(text);
            case ConvexBytes bytes -> writeSpecial(generator, BYTES, bytes.toBase64());
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
        }
    }

    private static void writeSpecial(JsonGenerator generator, String name, String base64) {
        generator.writeStartObject();
        generator.writeName(name);
        generator.writeString(base64);
        generator.writeEndObject();
    }

    private static String base64(long bits) {
        byte[] bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array();
        return Base64.getEncoder().encodeToString(bytes);
    }
}
