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
package dev.convexbackfill.readerswriters.reader;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.readerswriters.reader.PageSource.Page;
import org.jspecify.annotations.Nullable;

/** Where the documents of a range come from, a page at a time. Thread-safe. */
public interface DocumentPages {

    /**
     * The next documents after an id, up to and including another; at least one, or the id of one that is gone, unless nothing
     * follows. Throws {@link ConvexException}.
     */
    Page read(@Nullable String after, @Nullable String through, CallOptions options);
}
