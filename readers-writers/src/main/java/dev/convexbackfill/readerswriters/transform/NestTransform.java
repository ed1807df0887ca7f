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
import dev.convexbackfill.config.plan.TransformSpec.Nest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Moves fields into an object. */
record NestTransform(Nest spec) implements Transform {

    @Override
    public FieldsRead reads() {
        List<FieldPath> read = new ArrayList<>(spec.fields().values());
        read.add(spec.into());
        return FieldsRead.of(read);
    }

    @Override
    public ConvexObject apply(ConvexObject document) {
        ConvexValue there = spec.into().get(document);
        if (there != null && there != ConvexNull.NULL && !(there instanceof ConvexObject)) {
            throw new TransformFailedException(
                    "nest: '%s' holds %s and no object".formatted(spec.into(), there.typeName()));
        }
        ConvexObject nested = there instanceof ConvexObject object ? object : ConvexObject.EMPTY;
        ConvexObject rest = document;
        for (Map.Entry<String, FieldPath> field : spec.fields().entrySet()) {
            ConvexValue value = field.getValue().get(rest);
            if (value == null) {
                continue;
            }
            ConvexValue inTheWay = nested.get(field.getKey());
            if (inTheWay != null && !inTheWay.equals(value)) {
                throw new TransformFailedException("nest: '%s' can't become '%s.%s', which has another value".formatted(
                        field.getValue(), spec.into(), field.getKey()));
            }
            nested = nested.with(field.getKey(), value);
            rest = field.getValue().remove(rest);
        }
        for (String name : spec.defaults().names()) {
            if (!nested.has(name)) {
                nested = nested.with(name, spec.defaults().require(name));
            }
        }
        return nested.isEmpty() ? rest : Fields.set("nest", spec.into(), rest, nested);
    }
}
