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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.config.expression.ExpressionFailedException;
import dev.convexbackfill.config.plan.Selection;

/**
 * Tells, of a document as it was read, whether a plan selects it. Documents that were found in an index are looked at again:
 * the app may have changed them since.
 */
record DocumentSelection(Selection where) {

    /** The fields that it depends on: if the app changes one of them meanwhile, the document is looked at once more. */
    FieldsRead reads() {
        FieldsRead filtered = FieldsRead.of(where.filter());
        return where.slice() == null ? filtered : filtered.and(FieldsRead.of(where.slice().fields()));
    }

    /** Throws {@link ExpressionFailedException} if the filter is neither true nor false of the document. */
    boolean contains(ConvexObject document) {
        return (where.slice() == null || where.slice().contains(document))
                && (where.filter() == null || where.filter().isTrueOf(document));
    }
}
