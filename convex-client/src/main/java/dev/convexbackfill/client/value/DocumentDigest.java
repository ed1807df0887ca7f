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

import java.util.HexFormat;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * 64 bits of what documents hold, as {@code digest} in {@code backfill.ts} computes them, so that two sides can be compared
 * without moving the documents. Sums of them do not depend on an order. No protection against somebody who looks for two
 * documents with the same digest.
 *
 * @param high the upper 32 bits
 * @param low  the lower
 */
public record DocumentDigest(int high, int low) {

    /** That of no documents. */
    public static final DocumentDigest NONE = new DocumentDigest(0, 0);

    private static final int MISSING = 9;

    /** Of a document with its id. */
    public static DocumentDigest of(String id, DocumentDigest content) {
        Mixer mixer = new Mixer();
        mixer.string(id);
        mixer.word(content.high);
        mixer.word(content.low);
        return mixer.finish();
    }

    /**
     * Of what a document holds, but not its id.
     *
     * @param fields those that count, in an order of the caller's; null for all but the id and the creation time
     */
    public static DocumentDigest ofContent(ConvexObject document, @Nullable List<String> fields) {
        Mixer mixer = new Mixer();
        if (fields == null) {
            mixer.fieldsOfDocument(document);
        } else {
            for (String field : fields) {
                ConvexValue value = document.get(field);
                if (value == null) {
                    mixer.word(MISSING);
                } else {
                    mixer.value(value);
                }
            }
        }
        return mixer.finish();
    }

    /** Throws {@link IllegalArgumentException} for what is not 16 hexadecimal digits. */
    public static DocumentDigest parse(String text) {
        if (text.length() != 16) {
            throw new IllegalArgumentException("A digest has 16 hexadecimal digits, and not '%s'".formatted(text));
        }
        return ofBits(HexFormat.fromHexDigitsToLong(text));
    }

    /** From both halves in one number. */
    public static DocumentDigest ofBits(long bits) {
        return new DocumentDigest((int) (bits >>> 32), (int) bits);
    }

    /** Both halves in one number. */
    public long bits() {
        return (long) high << 32 | Integer.toUnsignedLong(low);
    }

    /** Those of both. */
    public DocumentDigest plus(DocumentDigest other) {
        return new DocumentDigest(high + other.high, low + other.low);
    }

    /** 16 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(bits());
    }

    /** Two lanes of 32 bits, each with the steps of MurmurHash3, and mixed with each other. */
    private static final class Mixer {

        private int high;
        private int low;
        private int words;

        void word(int word) {
            high ^= Integer.rotateLeft(word * 0xcc9e2d51, 15) * 0x1b873593;
            high = (Integer.rotateLeft(high, 13) + low) * 5 + 0xe6546b64;
            low ^= Integer.rotateLeft(word * 0x239b961b, 16) * 0x38b34ae5;
            low = (Integer.rotateLeft(low, 17) + high) * 5 + 0x0bcaa747;
            words++;
        }

        void value(ConvexValue value) {
            switch (value) {
                case ConvexNull _ -> word(0);
                case ConvexBoolean(boolean isTrue) -> word(isTrue ? 2 : 1);
                case ConvexFloat64(double number) -> bits(Double.isNaN(number) ? 10 : 3,
                        Double.isNaN(number) ? 0 : Double.doubleToRawLongBits(number));
                case ConvexInt64(long number) -> bits(4, number);
                case ConvexString(String string) -> {
                    word(5);
                    string(string);
                }
                case ConvexBytes bytes -> {
                    word(6);
                    word(bytes.length());
                    for (byte one : bytes.toByteArray()) {
                        word(Byte.toUnsignedInt(one));
                    }
                }
                case ConvexArray array -> {
                    word(7);
                    word(array.size());
                    array.forEach(this::value);
                }
                case ConvexObject object -> {
                    word(8);
                    word(object.size());
                    for (int i = 0; i < object.size(); i++) {
                        string(object.name(i));
                        value(object.value(i));
                    }
                }
            }
        }

        private void bits(int type, long bits) {
            word(type);
            word((int) (bits >>> 32));
            word((int) bits);
        }

        void fieldsOfDocument(ConvexObject document) {
            int count = 0;
            for (int i = 0; i < document.size(); i++) {
                count += FieldName.isSystem(document.name(i)) ? 0 : 1;
            }
            word(count);
            for (int i = 0; i < document.size(); i++) {
                if (!FieldName.isSystem(document.name(i))) {
                    string(document.name(i));
                    value(document.value(i));
                }
            }
        }

        void string(String string) {
            int length = string.length();
            word(length);
            for (int i = 0; i < length; i += 2) {
                word(string.charAt(i) | (i + 1 < length ? string.charAt(i + 1) << 16 : 0));
            }
        }

        DocumentDigest finish() {
            int upper = spread(high ^ words);
            int lower = spread(low ^ words);
            return new DocumentDigest(upper + lower, lower + upper * 3);
        }

        private static int spread(int word) {
            int half = (word ^ word >>> 16) * 0x85ebca6b;
            int most = (half ^ half >>> 13) * 0xc2b2ae35;
            return most ^ most >>> 16;
        }
    }
}
