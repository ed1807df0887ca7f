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
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.TransformSpec.Remainder;
import dev.convexbackfill.config.plan.TransformSpec.Separator;
import dev.convexbackfill.config.plan.TransformSpec.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Cuts a string into fields. */
record SplitTransform(Split spec) implements Transform {

    /** What Unicode calls white space, with the no-break spaces that Java does not. */
    private static final Pattern WHITE_SPACE = Pattern.compile("[\\s\\p{Z}]+", Pattern.UNICODE_CHARACTER_CLASS);

    @Override
    public List<FieldPath> reads() {
        return List.of(spec.from());
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
        List<Part> parts = parts(text);
        int fields = spec.into().size();
        if (parts.size() < fields) {
            throw new TransformFailedException("split: '%s' has %d parts for %d fields".formatted(spec.from(),
                    parts.size(), fields));
        }
        int extra = parts.size() - fields;
        ConvexObject result = document;
        int next = 0;
        for (int i = 0; i < fields; i++) {
            boolean takesRest = spec.remainder() == Remainder.FIRST ? i == 0 : i == fields - 1;
            int last = next + (takesRest ? extra : 0);
            result = Fields.set("split", spec.into().get(i), result,
                    ConvexValue.of(text.substring(parts.get(next).start(), parts.get(last).end())));
            next = last + 1;
        }
        return result;
    }

    private record Part(int start, int end) {}

    private List<Part> parts(String text) {
        return switch (spec.at()) {
            case Separator.WhiteSpace _ -> words(text);
            case Separator.Text(String separator) -> between(text, separator);
        };
    }

    private static List<Part> words(String text) {
        List<Part> parts = new ArrayList<>();
        int start = 0;
        for (var gap = WHITE_SPACE.matcher(text); gap.find();) {
            if (gap.start() > start) {
                parts.add(new Part(start, gap.start()));
            }
            start = gap.end();
        }
        if (start < text.length()) {
            parts.add(new Part(start, text.length()));
        }
        return parts;
    }

    private static List<Part> between(String text, String separator) {
        List<Part> parts = new ArrayList<>();
        int start = 0;
        for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, start)) {
            parts.add(new Part(start, at));
            start = at + separator.length();
        }
        parts.add(new Part(start, text.length()));
        return parts;
    }
}
