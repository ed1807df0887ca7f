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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.FieldName;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;

/** The ids and creation times that one transaction gives to its documents, and what functions may not do to them. */
final class SystemFields {

    private static final List<String> NAMES = List.of(FieldName.ID, FieldName.CREATION_TIME);
    private static final int RANDOM_BYTES = 14;
    private static final long SECONDS_PER_DAY = 86_400;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final int day;
    private double creationTime;

    /** Ids tell the day of {@code now}; creation times come after {@code past}, in milliseconds since 1970. */
    SystemFields(Instant now, double past) {
        this.day = (int) (now.getEpochSecond() / SECONDS_PER_DAY);
        this.creationTime = past;
    }

    /** Random bytes, then the day: what Convex makes, so that ids lie evenly over the id space. */
    DocumentId newId(long tableNumber) {
        byte[] internal = new byte[DocumentId.INTERNAL_LENGTH];
        RANDOM.nextBytes(internal);
        ByteBuffer.wrap(internal).putShort(RANDOM_BYTES, (short) day);
        return DocumentId.of(tableNumber, internal);
    }

    /** The creation time of the next document. */
    double nextCreationTime() {
        creationTime = Math.nextUp(creationTime);
        return creationTime;
    }

    /** The document with an id and a creation time. */
    static ConvexObject give(ConvexObject document, DocumentId id, double creationTime) {
        return document.with(FieldName.ID, ConvexValue.of(id.toString()))
                .with(FieldName.CREATION_TIME, ConvexValue.number(creationTime));
    }

    /** Refuses a new document that brings its own. */
    static void requireNone(ConvexObject document) {
        for (String system : NAMES) {
            if (document.has(system)) {
                throw new InvalidOperationException("Provided document has a system field `%s`".formatted(system));
            }
        }
    }

    /** The replacement, with what it does not say itself as the old document has it. */
    static ConvexObject keep(ConvexObject old, ConvexObject replacement) {
        ConvexObject kept = replacement;
        for (String system : NAMES) {
            if (!replacement.has(system)) {
                kept = kept.with(system, old.require(system));
            }
        }
        return kept;
    }

    /** Refuses a document that has changed them. */
    static void requireSame(ConvexObject old, ConvexObject changed) {
        for (String system : NAMES) {
            if (!old.require(system).equals(changed.get(system))) {
                throw new InvalidOperationException(
                        "Provided `%s` field value does not match the document's".formatted(system));
            }
        }
    }
}
