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

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * A document's id: the number of its table and 16 bytes of its own. Ids of one table have one length and sort as their
 * strings do. Source of the format: {@code crates/value/src/id_v6.rs} of the Convex backend.
 */
public final class DocumentId implements Comparable<DocumentId> {

    /** Bytes that tell the documents of one table apart. */
    public static final int INTERNAL_LENGTH = 16;

    private static final int FOOTER_LENGTH = 2;
    private static final int MAX_TABLE_NUMBER_LENGTH = 5;
    private static final int MIN_TEXT_LENGTH = 31;
    private static final int MAX_TEXT_LENGTH = 37;
    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final byte[] DIGITS = new byte[128];

    static {
        Arrays.fill(DIGITS, (byte) -1);
        for (int i = 0; i < ALPHABET.length(); i++) {
            DIGITS[ALPHABET.charAt(i)] = (byte) i;
        }
    }

    private final long tableNumber;
    private final byte[] internal;
    private final String text;

    private DocumentId(long tableNumber, byte[] internal, String text) {
        this.tableNumber = tableNumber;
        this.internal = internal;
        this.text = text;
    }

    /**
     * The id of {@code internal} in the table of that number, from 1 to 2³²−1. Throws {@link InvalidValueException} for
     * another number or if {@code internal} has not {@value #INTERNAL_LENGTH} bytes.
     */
    public static DocumentId of(long tableNumber, byte[] internal) {
        if (tableNumber < 1 || tableNumber > 0xffff_ffffL) {
            throw new InvalidValueException("The table number %d is not from 1 to 4294967295".formatted(tableNumber));
        }
        if (internal.length != INTERNAL_LENGTH) {
            throw new InvalidValueException(
                    "An id has %d bytes of its own, not %d".formatted(INTERNAL_LENGTH, internal.length));
        }
        byte[] own = internal.clone();
        return new DocumentId(tableNumber, own, encode(tableNumber, own));
    }

    /** Throws {@link InvalidValueException} unless {@code text} is exactly what Convex would print for an id. */
    public static DocumentId parse(String text) {
        if (text.length() < MIN_TEXT_LENGTH || text.length() > MAX_TEXT_LENGTH) {
            throw new InvalidValueException("Unable to decode ID: '%s' has %d characters and not %d to %d"
                    .formatted(abbreviate(text), text.length(), MIN_TEXT_LENGTH, MAX_TEXT_LENGTH));
        }
        byte[] bytes = fromBase32(text);
        long number = 0;
        int length = 0;
        int last;
        do {
            if (length == MAX_TABLE_NUMBER_LENGTH) {
                throw new InvalidValueException("Unable to decode ID: '%s' has no table number".formatted(text));
            }
            last = bytes[length];
            number |= (long) (last & 0x7f) << (7 * length);
            length++;
        } while (last < 0);
        if (number < 1 || number > 0xffff_ffffL || bytes.length != length + INTERNAL_LENGTH + FOOTER_LENGTH) {
            throw new InvalidValueException("Unable to decode ID: '%s' has no valid table number".formatted(text));
        }
        byte[] internal = Arrays.copyOfRange(bytes, length, length + INTERNAL_LENGTH);
        // encoding again checks the footer, the unused bits and the shortest form of the number at once
        if (!encode(number, internal).equals(text)) {
            throw new InvalidValueException("Unable to decode ID: the checksum of '%s' is wrong".formatted(text));
        }
        return new DocumentId(number, internal, text);
    }

    public static boolean isValid(String text) {
        try {
            parse(text);
            return true;
        } catch (InvalidValueException _) {
            return false;
        }
    }

    public long tableNumber() {
        return tableNumber;
    }

    /** A copy of the {@value #INTERNAL_LENGTH} bytes. */
    public byte[] internal() {
        return internal.clone();
    }

    private static String encode(long tableNumber, byte[] internal) {
        byte[] bytes = new byte[MAX_TABLE_NUMBER_LENGTH + INTERNAL_LENGTH + FOOTER_LENGTH];
        int length = 0;
        long rest = tableNumber;
        while (rest >= 0x80) {
            bytes[length++] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        System.arraycopy(internal, 0, bytes, length, INTERNAL_LENGTH);
        length += INTERNAL_LENGTH;
        int sum = 0;
        int sumOfSums = 0;
        for (int i = 0; i < length; i++) {
            sum = (sum + bytes[i]) & 0xff;
            sumOfSums = (sumOfSums + sum) & 0xff;
        }
        bytes[length++] = (byte) sum;
        bytes[length++] = (byte) sumOfSums;
        return toBase32(bytes, length);
    }

    private static String toBase32(byte[] bytes, int length) {
        char[] text = new char[(length * 8 + 4) / 5];
        for (int i = 0; i < text.length; i++) {
            int bit = i * 5;
            int at = bit / 8;
            int window = ((bytes[at] & 0xff) << 8) | (at + 1 < length ? bytes[at + 1] & 0xff : 0);
            text[i] = ALPHABET.charAt((window >> (11 - bit % 8)) & 0x1f);
        }
        return new String(text);
    }

    private static byte[] fromBase32(String text) {
        byte[] bytes = new byte[text.length() * 5 / 8];
        int buffer = 0;
        int bits = 0;
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? DIGITS[c] : -1;
            if (digit < 0) {
                throw new InvalidValueException(
                        "Unable to decode ID: '%s' has the character '%c'".formatted(abbreviate(text), c));
            }
            buffer = (buffer << 5) | digit;
            bits += 5;
            if (bits >= 8 && at < bytes.length) {
                bits -= 8;
                bytes[at++] = (byte) (buffer >> bits);
            }
        }
        return bytes;
    }

    private static String abbreviate(String text) {
        return text.length() <= MAX_TEXT_LENGTH + 3 ? text : text.substring(0, MAX_TEXT_LENGTH) + "…";
    }

    /** By table number, then in the order of {@code by_id}. */
    @Override
    public int compareTo(DocumentId other) {
        int byTable = Long.compare(tableNumber, other.tableNumber);
        return byTable != 0 ? byTable : Arrays.compareUnsigned(internal, other.internal);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DocumentId that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The id as Convex prints it. */
    @Override
    public String toString() {
        return text;
    }
}
