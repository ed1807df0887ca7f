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
package dev.convexbackfill.config.plan;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.config.expression.Expression;
import org.jspecify.annotations.Nullable;

/**
 * Which documents of its table a run goes over.
 *
 * @param slice  where in an index they are found; null for the whole table
 * @param filter what must be true of them besides; null for nothing
 * @param source a query of the app's own that finds them; then a slice is only what must be true of them besides. Null for none
 */
public record Selection(@Nullable IndexSlice slice, @Nullable Expression filter, @Nullable Source source) {

    /** Every document. */
    public static final Selection EVERYTHING = new Selection(null, null);

    /** Without a query of the app's own. */
    public Selection(@Nullable IndexSlice slice, @Nullable Expression filter) {
        this(slice, filter, null);
    }

    /** True if a run finds the documents first, and then reads each by its id; false if it reads the whole table. */
    public boolean isSearched() {
        return slice != null || source != null;
    }

    /** Of what it selects: two selections with equal values are the same. */
    ConvexObject toValue() {
        ConvexObject.Builder value = ConvexObject.builder();
        if (slice != null) {
            value.put("slice", slice.toValue());
        }
        if (filter != null) {
            value.put("filter", filter.toString());
        }
        if (source != null) {
            value.put("source", source.toValue());
        }
        return value.build();
    }
}
