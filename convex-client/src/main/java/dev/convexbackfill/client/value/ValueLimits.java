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

/**
 * The limits that Convex puts on values, and how it counts size. Source of the numbers: {@code crates/value/src/size.rs},
 * {@code array.rs}, {@code object.rs} and {@code crates/common/src/document.rs} of the Convex backend.
 */
public final class ValueLimits {

    /** Bytes of any value. */
    public static final long MAX_VALUE_SIZE = 32L << 20;
    /** Bytes of a document, with its {@code _id} and {@code _creationTime}. */
    public static final long MAX_DOCUMENT_SIZE = 1L << 20;
    /** Containers inside each other, of any value; a scalar has 0. */
    public static final int MAX_NESTING = 64;
    /** Containers inside each other, of a document; the document itself counts 1. */
    public static final int MAX_DOCUMENT_NESTING = 16;
    public static final int MAX_ARRAY_LENGTH = 8192;
    public static final int MAX_OBJECT_FIELDS = 1024;
    /** Characters of a field name. */
    public static final int MAX_FIELD_NAME_LENGTH = 1024;
    /** Characters of a table, index or argument name. */
    public static final int MAX_IDENTIFIER_LENGTH = 64;

    private ValueLimits() {}

    /** The size of {@code value} in bytes, as every byte limit of Convex counts it. */
    public static long sizeOf(ConvexValue value) {
        return switch (value) {
            case ConvexNull _,ConvexBoolean _ -> 1;
            case ConvexInt64 _,ConvexFloat64 _ -> 9;
            case ConvexString(String text) -> utf8Length(text) + 2;
            case ConvexBytes bytes -> bytes.length() + 2L;
            case ConvexArray array -> {
                long size = 2;
                for (ConvexValue element : array) {
                    size += sizeOf(element);
                }
                yield size;
            }
            case ConvexObject object -> {
                long size = 2;
                for (int i = 0; i < object.size(); i++) {
                    size += object.name(i).length() + 1 + sizeOf(object.value(i));
                }
                yield size;
            }
        };
    }

    /** How deep {@code value} is: 0 for a scalar, one more than its deepest element for a container. */
    public static int nestingOf(ConvexValue value) {
        int deepest = 0;
        return switch (value) {
            case ConvexArray array -> {
                for (ConvexValue element : array) {
                    deepest = Math.max(deepest, nestingOf(element));
                }
                yield deepest + 1;
            }
            case ConvexObject object -> {
                for (int i = 0; i < object.size(); i++) {
                    deepest = Math.max(deepest, nestingOf(object.value(i)));
                }
                yield deepest + 1;
            }
            default -> 0;
        };
    }

    static long utf8Length(String text) {
        long length = text.length();
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit >= 0x80) {
                // a surrogate pair is two units and four bytes, so each of its halves adds one
                length += unit < 0x800 || Character.isSurrogate(unit) ? 1 : 2;
            }
        }
        return length;
    }
}
