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

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.TransformSpec.Flatten;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Moves the fields of an object out of it. */
record FlattenTransform(Flatten spec) implements Transform {

    @Override
    public FieldsRead reads() {
        List<FieldPath> read = new ArrayList<>(spec.fields().values());
        read.add(spec.from());
        return FieldsRead.of(read);
    }

    @Override
    public ConvexObject apply(ConvexObject document) {
        ConvexValue there = spec.from().get(document);
        if (there != null && there != ConvexNull.NULL && !(there instanceof ConvexObject)) {
            throw new TransformFailedException(
                    "flatten: '%s' holds %s and no object".formatted(spec.from(), there.typeName()));
        }
        ConvexObject left = there instanceof ConvexObject object ? object : ConvexObject.EMPTY;
        ConvexObject result = there == null ? document : spec.from().remove(document);
        for (Map.Entry<String, FieldPath> field : spec.fields().entrySet()) {
            ConvexValue value = left.get(field.getKey());
            ConvexValue outside = field.getValue().get(result);
            if (value != null) {
                if (outside != null && !outside.equals(value)) {
                    throw new TransformFailedException(
                            "flatten: '%s.%s' can't become '%s', which the document has with another value".formatted(
                                    spec.from(), field.getKey(), field.getValue()));
                }
                left = left.without(field.getKey());
                result = Fields.set("flatten", field.getValue(), result, value);
            } else if (outside == null && spec.defaults().has(field.getKey())) {
                result = Fields.set("flatten", field.getValue(), result, spec.defaults().require(field.getKey()));
            }
        }
        return left.isEmpty() ? result : Fields.set("flatten", spec.from(), result, left);
    }
}
