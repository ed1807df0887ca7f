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
package dev.convexbackfill.client.value;

import java.util.Iterator;
import java.util.List;

/** A list of values. Convex takes at most {@value ValueLimits#MAX_ARRAY_LENGTH}. */
public record ConvexArray(List<ConvexValue> values) implements ConvexValue, Iterable<ConvexValue> {

    /** Copies {@code values}. */
    public ConvexArray {
        values = List.copyOf(values);
    }

    public int size() {
        return values.size();
    }

    public ConvexValue get(int index) {
        return values.get(index);
    }

    @Override
    public Iterator<ConvexValue> iterator() {
        return values.iterator();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
