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
package dev.convexbackfill.local.function;

import dev.convexbackfill.local.function.FunctionRunner.Completed;
import dev.convexbackfill.local.store.Subscription;
import org.jspecify.annotations.Nullable;

/** What became of a query, and what watches whether that is still so. */
public sealed interface Observed {

    Subscription subscription();

    /** For the next time that the query is run; null if it did not paginate. */
    @Nullable
    String journal();

    /** It returned. */
    record Returned(Completed completed, Subscription subscription, @Nullable String journal) implements Observed {}

    /** It failed. */
    record Failed(FunctionFailedException failure, Subscription subscription, @Nullable String journal)
            implements
                Observed {}
}
