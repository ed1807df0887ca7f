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

import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.TransformSpec.Increment;
import java.util.List;

/** Adds to a number. */
record IncrementTransform(Increment spec) implements Transform {

    @Override
    public FieldsRead reads() {
        return FieldsRead.of(List.of(spec.field()));
    }

    @Override
    public ConvexObject apply(ConvexObject document) {
        ConvexValue value = spec.field().get(document);
        ConvexValue sum = switch (value) {
            case null -> ConvexValue.number((double) spec.by());
            case ConvexFloat64(double number) -> sum(number);
            case ConvexInt64(long number) -> sum(number);
            default -> throw new TransformFailedException(
                    "increment: '%s' holds %s and no number".formatted(spec.field(), value.typeName()));
        };
        return Fields.set("increment", spec.field(), document, sum);
    }

    private ConvexValue sum(double number) {
        double sum = number + spec.by();
        if (!Double.isFinite(sum) || Math.abs(sum) > Numbers.MAX_SAFE_INTEGER) {
            throw new TransformFailedException(
                    "increment: '%s' is too large to be added to exactly".formatted(spec.field()));
        }
        return ConvexValue.number(sum);
    }

    private ConvexValue sum(long number) {
        try {
            return ConvexValue.int64(Math.addExact(number, spec.by()));
        } catch (ArithmeticException _) {
            throw new TransformFailedException("increment: '%s' would exceed 64 bits".formatted(spec.field()));
        }
    }
}
