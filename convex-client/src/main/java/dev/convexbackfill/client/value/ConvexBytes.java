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
import java.util.Base64;

import org.jspecify.annotations.Nullable;

/** A string of bytes, which is an {@code ArrayBuffer} in JavaScript. */
public final class ConvexBytes implements ConvexValue {

    private final byte[] bytes;

    private ConvexBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    static ConvexBytes copyOf(byte[] bytes) {
        return new ConvexBytes(bytes.clone());
    }

    /** Takes {@code bytes} over: the caller must not change them any more. */
    static ConvexBytes wrap(byte[] bytes) {
        return new ConvexBytes(bytes);
    }

    /** How many bytes. */
    public int length() {
        return bytes.length;
    }

    /** A copy. */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    String toBase64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    int compareTo(ConvexBytes other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConvexBytes that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "bytes[" + bytes.length + "]";
    }
}
