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
package dev.convexbackfill.job.run;

import dev.convexbackfill.readerswriters.quarantine.Replay;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a run is for. */
public sealed interface RunKind {

    /** To do what its plan says. */
    record Backfill() implements RunKind {}

    /**
     * To try the documents again that another run could not change.
     *
     * @param replay whose
     */
    record Retry(Replay replay) implements RunKind {}

    /**
     * To undo what another run and its replays have done.
     *
     * @param of       the other run
     * @param isForced true to undo it also where the app has written since
     * @param only     ids of the only documents to undo; none for all
     */
    record Rollback(String of, boolean isForced, List<String> only) implements RunKind {

        public Rollback {
            only = List.copyOf(only);
        }
    }

    /**
     * To find out whether another run and its replays have done what their plans say. It writes nothing into the deployment.
     *
     * @param of     the other run
     * @param sample how many documents of each range to look at; null for all
     */
    record Verification(String of, @Nullable Integer sample) implements RunKind {}
}
