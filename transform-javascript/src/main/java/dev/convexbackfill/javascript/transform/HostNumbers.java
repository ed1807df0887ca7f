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
package dev.convexbackfill.javascript.transform;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyObject;

/** Turns what Convex's JSON writes as base64 into what JavaScript can read, and back: all that the host does for a function. */
final class HostNumbers {

    private HostNumbers() {}

    /** What JavaScript gets. Nothing throws: the other side checks what it gives. */
    static ProxyObject toObject() {
        return ProxyObject.fromMap(Map.of(
                "int64", (ProxyExecutable) in -> Long.toString(buffer(in[0].asString()).getLong()),
                "number", (ProxyExecutable) in -> buffer(in[0].asString()).getDouble(),
                "latin1",
                (ProxyExecutable) in -> new String(Base64.getDecoder().decode(in[0].asString()),
                        StandardCharsets.ISO_8859_1),
                "fromInt64", (ProxyExecutable) in -> base64(Long.parseLong(in[0].asString())),
                "fromNumber", (ProxyExecutable) in -> base64(Double.doubleToRawLongBits(in[0].asDouble())),
                "fromLatin1", (ProxyExecutable) in -> Base64.getEncoder()
                        .encodeToString(in[0].asString().getBytes(StandardCharsets.ISO_8859_1))));
    }

    private static ByteBuffer buffer(String base64) {
        return ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String base64(long bits) {
        return Base64.getEncoder().encodeToString(
                ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array());
    }
}
