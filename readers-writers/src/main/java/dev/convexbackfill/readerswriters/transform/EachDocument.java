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
import java.util.List;

/** A step that transforms each document for itself. */
record EachDocument(Transform transform) implements ChunkTransform {

    @Override
    public FieldsRead reads() {
        return transform.reads();
    }

    @Override
    public List<StepResult> apply(List<ConvexObject> documents) {
        return documents.stream().map(this::apply).toList();
    }

    private StepResult apply(ConvexObject document) {
        try {
            return new StepResult.Transformed(transform.apply(document));
        } catch (TransformFailedException | ExpressionFailedException failed) {
            return new StepResult.Failed(String.valueOf(failed.getMessage()));
        }
    }
}
