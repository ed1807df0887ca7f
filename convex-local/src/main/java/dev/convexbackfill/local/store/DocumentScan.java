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

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Goes through documents one by one. What it has passed counts as read by its transaction, whose writes it sees, also those
 * that are made meanwhile. Not thread-safe.
 */
public interface DocumentScan {

    /** A scan of nothing. */
    DocumentScan EMPTY = new DocumentScan() {
        @Override
        public @Nullable StoredDocument next() {
            return null;
        }

        @Override
        public byte[] place() {
            throw new IllegalStateException("There is no document");
        }
    };

    /** The next document; null after the last. */
    @Nullable
    StoredDocument next();

    /** Shows all documents to come to {@code visitor}. */
    default void forEachRemaining(Consumer<StoredDocument> visitor) {
        for (StoredDocument document = next(); document != null; document = next()) {
            visitor.accept(document);
        }
    }

    /** Where the last document lies in its index, for another scan of the same index to go on behind it. */
    byte[] place();
}
