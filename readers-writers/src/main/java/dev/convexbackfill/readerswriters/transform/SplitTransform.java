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
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.TransformSpec.Remainder;
import dev.convexbackfill.config.plan.TransformSpec.Split;
import dev.convexbackfill.readerswriters.transform.TextCutter.Part;
import java.util.List;

/** Cuts a string into fields. */
record SplitTransform(Split spec, TextCutter cutter) implements Transform {

    @Override
    public FieldsRead reads() {
        return FieldsRead.of(List.of(spec.from()));
    }

    @Override
    public ConvexObject apply(ConvexObject document) {
        ConvexValue source = spec.from().get(document);
        if (source == null || source == ConvexNull.NULL) {
            return document;
        }
        if (!(source instanceof ConvexString(String text))) {
            throw new TransformFailedException(
                    "split: '%s' holds %s and no string".formatted(spec.from(), source.typeName()));
        }
        List<Part> parts = cutter.cut(text);
        int fields = spec.into().size();
        int extra = parts.size() - fields;
        if (extra < 0 || (extra > 0 && spec.remainder() == Remainder.FAIL)) {
            throw new TransformFailedException("split: '%s' has %d parts for %d fields".formatted(spec.from(),
                    parts.size(), fields));
        }
        ConvexObject result = document;
        int next = 0;
        for (int i = 0; i < fields; i++) {
            boolean takesRest = switch (spec.remainder()) {
                case FIRST -> i == 0;
                case LAST -> i == fields - 1;
                case DROP, FAIL -> false;
            };
            int last = next + (takesRest ? extra : 0);
            Part whole = new Part(parts.get(next).start(), parts.get(last).end());
            result = Fields.set("split", spec.into().get(i), result, ConvexValue.of(whole.of(text)));
            next = last + 1;
        }
        return result;
    }
}
