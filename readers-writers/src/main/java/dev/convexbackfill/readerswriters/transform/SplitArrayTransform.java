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
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.config.plan.Separator;
import dev.convexbackfill.config.plan.TransformSpec.SplitArray;
import java.util.ArrayList;
import java.util.List;

/** Cuts a string into an array of strings. */
record SplitArrayTransform(SplitArray spec, TextCutter cutter) implements Transform {

    private static final TextCutter WORDS = TextCutter.of(new Separator.WhiteSpace());

    @Override
    public FieldsRead reads() {
        return FieldsRead.of(List.of(spec.from()));
    }

    @Override
    public ConvexObject apply(ConvexObject document) {
        ConvexValue source = spec.from().get(document);
        if (source == null || source == ConvexNull.NULL || source instanceof ConvexArray) {
            return document;
        }
        if (!(source instanceof ConvexString(String text))) {
            throw new TransformFailedException(
                    "splitArray: '%s' holds %s and no string".formatted(spec.from(), source.typeName()));
        }
        List<ConvexValue> elements = new ArrayList<>();
        for (TextCutter.Part part : cutter.cut(text)) {
            String element = part.of(text);
            List<TextCutter.Part> words = WORDS.cut(element);
            String trimmed = words.isEmpty() ? ""
                    : element.substring(words.getFirst().start(), words.getLast().end());
            if (spec.keepEmpty() || !trimmed.isEmpty()) {
                elements.add(ConvexValue.of(trimmed));
            }
        }
        if (elements.size() > ValueLimits.MAX_ARRAY_LENGTH) {
            throw new TransformFailedException("splitArray: '%s' has %d parts, and Convex takes arrays of %d at most"
                    .formatted(spec.from(), elements.size(), ValueLimits.MAX_ARRAY_LENGTH));
        }
        return Fields.set("splitArray", spec.into(), document, ConvexValue.array(elements));
    }
}
