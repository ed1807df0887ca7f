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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.TransformSpec.Reference;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.transaction.support.TransactionOperations;

/** Replaces old ids by new ones, which it looks up for all documents of a chunk at once. */
final class ReferenceTransform implements ChunkTransform {

    private final Reference spec;
    private final boolean leavesOthers;
    private final IdMappingStore mappings;
    private final TransactionOperations transactions;

    /** {@code leavesOthers} leaves what is no old id of the run as it is; otherwise that is an error. */
    ReferenceTransform(Reference spec, boolean leavesOthers, IdMappingStore mappings,
            TransactionOperations transactions) {
        this.spec = spec;
        this.leavesOthers = leavesOthers;
        this.mappings = mappings;
        this.transactions = transactions;
    }

    @Override
    public FieldsRead reads() {
        return FieldsRead.of(List.of(spec.field()));
    }

    @Override
    public List<StepResult> apply(List<ConvexObject> documents) {
        Map<String, String> newIds = newIds(documents);
        return documents.stream().map(document -> apply(document, newIds)).toList();
    }

    /** By the ids that the documents have; an id that is a new one already stands for itself. */
    private Map<String, String> newIds(List<ConvexObject> documents) {
        Set<String> ids = new LinkedHashSet<>();
        for (ConvexObject document : documents) {
            switch (spec.field().get(document)) {
                case ConvexString(String id) -> ids.add(id);
                case ConvexArray elements -> elements.forEach(element -> {
                    if (element instanceof ConvexString(String id)) {
                        ids.add(id);
                    }
                });
                case null, default -> {
                    // nothing to look up; apply says what it thinks of it
                }
            }
        }
        return ids.isEmpty() ? Map.of() : transactions.execute(_ -> {
            Map<String, String> found = new HashMap<>(mappings.targets(spec.run(), ids));
            ids.removeAll(found.keySet());
            mappings.given(spec.run(), ids).forEach(id -> found.put(id, id));
            return found;
        });
    }

    private StepResult apply(ConvexObject document, Map<String, String> newIds) {
        try {
            ConvexValue value = spec.field().get(document);
            return new StepResult.Transformed(switch (value) {
                case null -> document;
                case ConvexNull _ -> document;
                case ConvexArray elements -> {
                    List<ConvexValue> rewritten = new ArrayList<>();
                    elements.forEach(element -> rewritten.add(newId(element, newIds)));
                    yield Fields.set("reference", spec.field(), document, ConvexValue.array(rewritten));
                }
                default -> Fields.set("reference", spec.field(), document, newId(value, newIds));
            });
        } catch (TransformFailedException failed) {
            return new StepResult.Failed(String.valueOf(failed.getMessage()));
        }
    }

    private ConvexValue newId(ConvexValue value, Map<String, String> newIds) {
        if (leavesOthers) {
            String mended = value instanceof ConvexString(String old) ? newIds.get(old) : null;
            return mended == null ? value : ConvexValue.of(mended);
        }
        if (!(value instanceof ConvexString(String id))) {
            throw new TransformFailedException(
                    "reference: '%s' holds %s and no id".formatted(spec.field(), value.typeName()));
        }
        String newId = newIds.get(id);
        if (newId == null) {
            throw new TransformFailedException("reference: the run '%s' has inserted no document for '%s' in '%s'"
                    .formatted(spec.run(), id, spec.field()));
        }
        return ConvexValue.of(newId);
    }
}
