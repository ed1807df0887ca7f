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
package dev.convexbackfill.readerswriters.verification;

import dev.convexbackfill.client.value.ConvexObject;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a rollback was to undo. Thread-safe. */
public sealed interface Undone permits UndoneFields, UndoneCopies, UndoneDeletions {

    /** Ids of its documents in their order, at most {@code limit}: those after {@code after} and up to {@code through}. */
    List<String> next(@Nullable String after, @Nullable String through, int limit);

    /**
     * What is wrong with some of them.
     *
     * @param ids some of what {@link #next} gives
     * @param now those that exist, as they are, by their ids
     */
    List<Mismatch> check(Collection<String> ids, Map<String, ConvexObject> now);
}
