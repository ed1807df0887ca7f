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
package dev.convexbackfill.local.snapshot;

import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.DocumentTransaction.Moment;
import dev.convexbackfill.local.store.Store;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of exports and imports: without limits, repeated after conflicts, and with the schema that imported
 * documents must match.
 */
final class SnapshotDatabase {

    private final Store store;
    private final boolean isChecked;

    private SnapshotDatabase(Store store, boolean isChecked) {
        this.store = store;
        this.isChecked = isChecked;
    }

    /** What is written must fit the deployment's schema. */
    static SnapshotDatabase checked(Store store) {
        return new SnapshotDatabase(store, true);
    }

    /** Anything can be written. */
    static SnapshotDatabase unchecked(Store store) {
        return new SnapshotDatabase(store, false);
    }

    Store store() {
        return store;
    }

    <T extends @Nullable Object> T read(Function<DocumentTransaction, T> work) {
        try (DocumentTransaction transaction = begin()) {
            return work.apply(transaction);
        }
    }

    /** Reads as of a time. The caller closes the transaction. */
    DocumentTransaction at(Moment moment) {
        return DocumentTransaction.at(store, moment, new TransactionUsage(TransactionLimits.NONE));
    }

    /** Does {@code work}, which may be repeated, and commits it. */
    <T> T write(Function<DocumentTransaction, T> work) {
        while (true) {
            try (DocumentTransaction transaction = begin()) {
                T result = work.apply(transaction);
                transaction.commit();
                return result;
            } catch (ConflictException _) {
                // somebody else's commit has made progress meanwhile
            }
        }
    }

    private DocumentTransaction begin() {
        TransactionUsage usage = new TransactionUsage(TransactionLimits.NONE);
        return isChecked ? DocumentTransaction.begin(store, usage)
                : DocumentTransaction.begin(store, usage, DocumentSchema.NONE);
    }
}
