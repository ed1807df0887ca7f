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

import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.plan.StoredCode;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run, as the repository keeps it.
 *
 * @param token      proves to the deployment's ledger that this repository started it
 * @param planPath   where the plan was read from; null if that is not known any more
 * @param planText   the plan itself
 * @param planCode   the code that it names, as {@link StoredCode} writes it; null if it names none
 * @param planDigest of what the plan does to documents
 * @param write      how it writes what its plan makes of documents; it stays so
 * @param reason     why it stopped or failed; null if it did neither
 * @param kind       what it is for
 */
public record Run(String name, String token, String deploymentUrl, String table, @Nullable String planPath,
        String planText, @Nullable String planCode, String planDigest, Write write, RunState state,
        @Nullable String reason,
        boolean stopRequested, RunKind kind, Instant createdAt, @Nullable Instant startedAt,
        @Nullable Instant endedAt) {

    /** The plan as the repository keeps it. */
    public Plan plan() {
        return PlanParser.parse(planPath == null ? name : planPath, planText, StoredCode.parse(planCode));
    }

    /** The run whose quarantine it tries again; null if it does not. */
    public @Nullable String replayOf() {
        return kind instanceof RunKind.Retry(Replay replay) ? replay.of() : null;
    }

    /** What it tries again; null if it does not. */
    @Nullable
    Replay replay() {
        return kind instanceof RunKind.Retry(Replay replay) ? replay : null;
    }

    /** What it does to documents, as people say it. */
    public String participle() {
        return switch (kind) {
            case RunKind.Rollback _ -> "undone";
            case RunKind.Verification _ -> "verified";
            case RunKind.Backfill _,RunKind.Retry _ -> write.participle();
        };
    }
}
