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
package dev.convexbackfill.local.store;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexBytes;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Values as bytes that sort as Convex sorts the values: {@link dev.convexbackfill.client.value.ValueOrder}. */
final class SortKey {

    private static final int UNDEFINED = 0x01;
    private static final int NULL = 0x03;
    private static final int INT64 = 0x08;
    private static final int FLOAT64 = 0x0d;
    private static final int FALSE = 0x0e;
    private static final int TRUE = 0x0f;
    private static final int STRING = 0x10;
    private static final int BYTES = 0x11;
    private static final int ARRAY = 0x12;
    private static final int OBJECT = 0x15;
    private static final int END = 0x00;
    private static final int ESCAPE = 0xff;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);

    /** Begins with {@code prefix}. */
    SortKey(byte[] prefix) {
        out.writeBytes(prefix);
    }

    /**
     * The first key after all that go on behind the last value of {@code key}. What begins with the same bytes may still be
     * another, longer value: an escaped zero follows where this one ends.
     */
    static byte[] afterEntriesOf(byte[] key) {
        byte[] after = Arrays.copyOf(key, key.length + 1);
        after[key.length] = (byte) ESCAPE;
        return after;
    }

    /** Null is a missing field. */
    SortKey add(@Nullable ConvexValue value) {
        switch (value) {
            case null -> out.write(UNDEFINED);
            case ConvexNull _ -> out.write(NULL);
            case ConvexInt64(long n) -> addBits(INT64, n ^ Long.MIN_VALUE);
            case ConvexFloat64(double n) -> {
                long bits = Double.doubleToRawLongBits(n);
                addBits(FLOAT64, bits < 0 ? ~bits : bits ^ Long.MIN_VALUE);
            }
            case ConvexBoolean(boolean b) -> out.write(b ? TRUE : FALSE);
            case ConvexString(String text) -> addEscaped(STRING, text.getBytes(StandardCharsets.UTF_8));
            case ConvexBytes bytes -> addEscaped(BYTES, bytes.toByteArray());
            case ConvexArray array -> {
                out.write(ARRAY);
                array.forEach(this::add);
                out.write(END);
            }
            case ConvexObject object -> {
                out.write(OBJECT);
                object.forEach((name, element) -> {
                    addEscaped(STRING, name.getBytes(StandardCharsets.US_ASCII));
                    add(element);
                });
                out.write(END);
            }
        }
        return this;
    }

    private void addBits(int tag, long bits) {
        out.write(tag);
        out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(bits).array());
    }

    private void addEscaped(int tag, byte[] bytes) {
        out.write(tag);
        for (byte b : bytes) {
            out.write(b);
            if (b == END) {
                out.write(ESCAPE);
            }
        }
        out.write(END);
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }
}
