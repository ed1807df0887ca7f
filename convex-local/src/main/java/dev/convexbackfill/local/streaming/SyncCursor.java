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
package dev.convexbackfill.local.streaming;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * How far a sync is. Every document of the tablets that are synced, and those of the one in progress up to an id, are at the
 * reader's as of {@code syncedTo}.
 *
 * @param syncedTo     nanoseconds since 1970
 * @param synced       tablets that were gone through
 * @param inProgress   the tablet that is being gone through; null for none
 * @param lastId       its last document that was handed out; null for none yet
 * @param inTable      how many of its documents were
 * @param documents    how many revisions were handed out in all
 */
record SyncCursor(String syncId, long syncedTo, Set<Integer> synced, @Nullable Integer inProgress,
        @Nullable String lastId, long inTable, long documents) {

    private static final int SEAL_LENGTH = 16;

    SyncCursor {
        synced = Set.copyOf(synced);
    }

    /** All tablets that it is about. */
    Set<Integer> tracked() {
        Set<Integer> tracked = new TreeSet<>(synced);
        if (inProgress != null) {
            tracked.add(inProgress);
        }
        return tracked;
    }

    /** True if the reader has the document as of {@link #syncedTo}. */
    boolean captures(int tablet, String id) {
        return synced.contains(tablet)
                || (inProgress != null && inProgress == tablet && lastId != null && id.compareTo(lastId) <= 0);
    }

    /** Opaque, and bound to the deployment's secret. */
    String encode(byte[] secret) {
        ConvexObject.Builder object = ConvexObject.builder()
                .put("syncId", syncId)
                .put("syncedTo", ConvexValue.int64(syncedTo))
                .put("synced", ConvexValue.array(synced.stream().sorted().map(ConvexValue::number).toList()))
                .put("inTable", ConvexValue.int64(inTable))
                .put("documents", ConvexValue.int64(documents));
        if (inProgress != null) {
            object.put("inProgress", inProgress);
        }
        if (lastId != null) {
            object.put("lastId", lastId);
        }
        byte[] body = ConvexJson.encode(object.build());
        byte[] sealed = Arrays.copyOf(seal(secret, body), SEAL_LENGTH + body.length);
        System.arraycopy(body, 0, sealed, SEAL_LENGTH, body.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
    }

    /** Refuses what is no cursor of this deployment ({@code InvalidDataSyncCursor}). */
    static SyncCursor decode(byte[] secret, String cursor) {
        try {
            byte[] sealed = Base64.getUrlDecoder().decode(cursor);
            byte[] body = Arrays.copyOfRange(sealed, Math.min(SEAL_LENGTH, sealed.length), sealed.length);
            if (!MessageDigest.isEqual(Arrays.copyOf(sealed, SEAL_LENGTH), seal(secret, body))) {
                throw new InvalidValueException("the seal is broken");
            }
            ConvexObject object = ConvexJson.decodeObject(body);
            ConvexArray synced = object.array("synced");
            ConvexValue inProgress = object.get("inProgress");
            return new SyncCursor(object.string("syncId"), int64(object, "syncedTo"),
                    new TreeSet<>(synced.values().stream().map(SyncCursor::tablet).toList()),
                    inProgress == null ? null : tablet(inProgress), object.optionalString("lastId"),
                    int64(object, "inTable"), int64(object, "documents"));
        } catch (InvalidValueException | IllegalArgumentException _) {
            throw new StreamingRefusedException("InvalidDataSyncCursor", "Could not parse the data sync cursor");
        }
    }

    private static int tablet(ConvexValue value) {
        return (int) ((ConvexFloat64) value).value();
    }

    private static long int64(ConvexObject object, String field) {
        return ((ConvexInt64) object.require(field)).value();
    }

    private static byte[] seal(byte[] secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update("data sync cursor".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            return Arrays.copyOf(mac.doFinal(body), SEAL_LENGTH);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
