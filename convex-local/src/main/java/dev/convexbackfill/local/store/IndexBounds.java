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
package dev.convexbackfill.local.store;

import dev.convexbackfill.client.value.ConvexValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of an index: equal values of its first fields, then bounds of the next. The id is the last field of every index.
 *
 * @param prefix the values, null for a missing field
 * @param lower  null if unbounded
 * @param upper  null if unbounded
 */
public record IndexBounds(List<@Nullable ConvexValue> prefix, @Nullable Bound lower, @Nullable Bound upper) {

    /** The whole index. */
    public static final IndexBounds ALL = new IndexBounds(List.of(), null, null);

    public IndexBounds {
        prefix = Collections.unmodifiableList(new ArrayList<>(prefix));
    }

    /** A bound of the field after the prefix; the value null is a missing field. */
    public record Bound(@Nullable ConvexValue value, boolean inclusive) {}

    byte[] firstKey(byte[] index) {
        byte[] base = base(index);
        if (lower == null) {
            return base;
        }
        byte[] key = new SortKey(base).add(lower.value()).toByteArray();
        return lower.inclusive() ? key : SortKey.afterEntriesOf(key);
    }

    /** The first key that does not belong to it any more. */
    byte[] endKey(byte[] index) {
        byte[] base = base(index);
        if (upper == null) {
            return prefix.isEmpty() ? Bytes.afterPrefix(base) : SortKey.afterEntriesOf(base);
        }
        byte[] key = new SortKey(base).add(upper.value()).toByteArray();
        return upper.inclusive() ? SortKey.afterEntriesOf(key) : key;
    }

    private byte[] base(byte[] index) {
        SortKey base = new SortKey(index);
        prefix.forEach(base::add);
        return base.toByteArray();
    }
}
