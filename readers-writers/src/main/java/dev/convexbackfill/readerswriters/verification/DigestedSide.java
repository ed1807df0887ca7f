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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.readerswriters.journal.JournalParts.Stretch;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;

/** A table of which the deployment only says digests; documents are read where those are not as expected. Thread-safe. */
public interface DigestedSide {

    /**
     * The next part of the table after a document, up to and including another at most; null are the ends of the table.
     *
     * @param wanted about how many documents; it may have fewer
     */
    Stretch next(@Nullable String after, @Nullable String through, long wanted);

    /** Looks at a part, as {@link Side#look} does. */
    Findings look(Stretch stretch, StopSignal stop) throws JobInterruptedException;
}
