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
package dev.convexbackfill.readerswriters.transform;

import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import org.springframework.transaction.support.TransactionOperations;

/** Gives what looks up ids of earlier runs in a repository, and leaves code of the user's to another. */
public final class ReferenceTransforms implements ExternalTransforms {

    private final IdMappingStore mappings;
    private final TransactionOperations transactions;
    private final ExternalTransforms others;

    public ReferenceTransforms(IdMappingStore mappings, TransactionOperations transactions, ExternalTransforms others) {
        this.mappings = mappings;
        this.transactions = transactions;
        this.others = others;
    }

    @Override
    public ChunkTransform open(TransformSpec.External spec) {
        return others.open(spec);
    }

    @Override
    public ChunkTransform openReference(TransformSpec.Reference spec) {
        boolean leavesOthers = transactions.execute(_ -> mappings.isRollback(spec.run()));
        return new ReferenceTransform(spec, leavesOthers, mappings, transactions);
    }
}
