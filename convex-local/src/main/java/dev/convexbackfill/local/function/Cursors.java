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
package dev.convexbackfill.local.function;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Cursors of paginated queries: opaque, bound to their query and to the deployment's secret, valid for ever. */
final class Cursors {

    /** The end of the results; every other place has bytes. */
    static final byte[] END = {};

    private static final byte VERSION = 7;
    private static final int FINGERPRINT_LENGTH = 8;
    private static final int SEAL_LENGTH = 16;
    private static final HexFormat HEX = HexFormat.of();

    private final SecretKeySpec secret;

    Cursors(byte[] secret) {
        this.secret = new SecretKeySpec(secret, "HmacSHA256");
    }

    static boolean isEnd(byte[] place) {
        return place.length == 0;
    }

    /** A place in the results of a query, or {@link #END}. */
    String encode(String query, byte[] place) {
        byte[] body = ByteBuffer.allocate(2 + FINGERPRINT_LENGTH + place.length)
                .put(VERSION)
                .put(fingerprint(query))
                .put((byte) (isEnd(place) ? 1 : 0))
                .put(place)
                .array();
        return HEX.formatHex(body) + HEX.formatHex(seal(body));
    }

    /**
     * The place, or {@link #END}. Throws {@link FunctionFailedException} as Convex does for a cursor that is none, or of
     * another query.
     */
    byte[] decode(String query, String cursor) {
        byte[] sealed;
        try {
            sealed = HEX.parseHex(cursor);
        } catch (IllegalArgumentException _) {
            throw new FunctionFailedException("InvalidCursor: Failed to parse cursor");
        }
        int length = sealed.length - SEAL_LENGTH;
        if (length < 2 + FINGERPRINT_LENGTH) {
            throw new FunctionFailedException("InvalidCursor: Failed to parse cursor");
        }
        byte[] body = Arrays.copyOf(sealed, length);
        if (body[0] != VERSION
                || !MessageDigest.isEqual(seal(body), Arrays.copyOfRange(sealed, length, sealed.length))) {
            throw new FunctionFailedException("InvalidCursor: Failed to parse cursor");
        }
        if (!Arrays.equals(fingerprint(query), Arrays.copyOfRange(body, 1, 1 + FINGERPRINT_LENGTH))) {
            throw new FunctionFailedException(ConvexObject.of("isConvexSystemError", ConvexValue.of(true),
                    "paginationError", ConvexValue.of("InvalidCursor")));
        }
        return body[1 + FINGERPRINT_LENGTH] == 1 ? END : Arrays.copyOfRange(body, 2 + FINGERPRINT_LENGTH, body.length);
    }

    private static byte[] fingerprint(String query) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(query.getBytes(StandardCharsets.UTF_8));
            return Arrays.copyOf(digest, FINGERPRINT_LENGTH);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private byte[] seal(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(secret);
            return Arrays.copyOf(mac.doFinal(body), SEAL_LENGTH);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
