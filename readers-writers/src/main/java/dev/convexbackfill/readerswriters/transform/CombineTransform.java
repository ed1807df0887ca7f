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

import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.TransformSpec.Combine;
import dev.convexbackfill.config.plan.TransformSpec.Template;
import java.util.ArrayList;
import java.util.List;

/** Fills a template. */
record CombineTransform(Combine spec) implements Transform {

    @Override
    public FieldsRead reads() {
        List<FieldPath> fields = new ArrayList<>();
        for (Template.Part part : spec.template().parts()) {
            if (part instanceof Template.Field(FieldPath path)) {
                fields.add(path);
            }
        }
        return FieldsRead.of(fields);
    }

    @Override
    public ConvexObject apply(ConvexObject document) {
        StringBuilder text = new StringBuilder();
        for (Template.Part part : spec.template().parts()) {
            text.append(switch (part) {
                case Template.Literal(String literal) -> literal;
                case Template.Field(FieldPath path) -> textOf(path, document);
            });
        }
        return Fields.set("combine", spec.into(), document, ConvexValue.of(text.toString()));
    }

    private static String textOf(FieldPath path, ConvexObject document) {
        ConvexValue value = path.get(document);
        return switch (value) {
            case ConvexString(String text) -> text;
            case ConvexFloat64(double number) -> Numbers.toText(number);
            case ConvexInt64(long number) -> Long.toString(number);
            case ConvexBoolean(boolean truth) -> Boolean.toString(truth);
            case null -> throw new TransformFailedException("combine: '%s' is missing".formatted(path));
            default -> throw new TransformFailedException(
                    "combine: '%s' holds %s, which has no text".formatted(path, value.typeName()));
        };
    }
}
