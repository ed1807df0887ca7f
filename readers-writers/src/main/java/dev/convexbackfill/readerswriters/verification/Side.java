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
import dev.convexbackfill.client.value.ConvexObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobInterruptedException;

/** A table that a verification goes over. Thread-safe. */
public interface Side {

    /**
     * Looks at a part of the table. What seems to be wrong is read again after a pause, and counts only if it still is. Throws
     * {@link JobInterruptedException} if the signal is given in the pause.
     *
     * @param after     where the part begins; null for the beginning of the table
     * @param through   where it ends; null for the end of the table
     * @param documents all that it has, in the order of their ids
     */
    Findings look(@Nullable String after, @Nullable String through, List<ConvexObject> documents, StopSignal stop)
            throws JobInterruptedException;
}
