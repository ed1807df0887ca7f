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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.TransformSpec.Unique;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Removes what an array has more than once. */
record UniqueTransform(Unique spec) implements Transform {

    @Override
    public FieldsRead reads() {
        return FieldsRead.of(List.of(spec.field()));
    }

    @Override
    public ConvexObject apply(ConvexObject document) {
        ConvexArray array = Fields.array("unique", spec.field(), document);
        if (array == null) {
            return document;
        }
        Set<ConvexValue> distinct = new LinkedHashSet<>(array.values());
        return Fields.set("unique", spec.field(), document, ConvexValue.array(List.copyOf(distinct)));
    }
}
