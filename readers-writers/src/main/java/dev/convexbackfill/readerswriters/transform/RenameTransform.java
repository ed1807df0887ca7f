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
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.TransformSpec.Rename;
import java.util.List;

/** Moves a field to another name. */
record RenameTransform(Rename spec) implements Transform {

    @Override
    public FieldsRead reads() {
        return FieldsRead.of(List.of(spec.from(), spec.to()));
    }

    @Override
    public ConvexObject apply(ConvexObject document) {
        ConvexValue value = spec.from().get(document);
        if (value == null) {
            return document;
        }
        ConvexValue there = spec.to().get(document);
        if (there != null && !there.equals(value)) {
            throw new TransformFailedException(
                    "rename: '%s' can't become '%s', which the document has with another value".formatted(spec.from(),
                            spec.to()));
        }
        return Fields.set("rename", spec.to(), spec.from().remove(document), value);
    }
}
