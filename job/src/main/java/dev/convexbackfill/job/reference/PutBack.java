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
package dev.convexbackfill.job.reference;

import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import java.util.List;

/** The documents that a rollback has put back under new ids. */
public final class PutBack {

    private PutBack() {}

    /** True for a rollback that inserts documents again. */
    public static boolean isBy(Run run) {
        return run.kind() instanceof RunKind.Rollback && run.write() instanceof Write.InsertInto;
    }

    /** How many there are. */
    public static long count(Run run, RunRepository repository) {
        return repository.transactions().execute(_ -> new IdMappingStore(repository.jdbc()).count(run.name()));
    }

    /** Throws {@link RefusedException} unless all that the run is to put back is back, and its new ids are known. */
    public static void require(Run run, RunRepository repository) {
        if (!(run.kind() instanceof RunKind.Rollback)) {
            List<String> rollbacks = repository.runs().rollbacks(run.name());
            throw new RefusedException("Run '%s' is no rollback, and only those put documents back under new ids. %s"
                    .formatted(run.name(), rollbacks.isEmpty() ? "It has none."
                            : "Its rollbacks: " + String.join(", ", rollbacks)));
        }
        if (!isBy(run)) {
            throw new RefusedException(
                    "Rollback '%s' has put no documents back: where it wrote, documents kept their ids or were deleted. So no"
                            .formatted(run.name()) + " reference has to be mended.");
        }
        if (run.state() != RunState.COMPLETED) {
            throw new RefusedException(
                    "Rollback '%s' is not completed but %s: it still gives documents new ids. Go on with it first: ./backfill resume %s"
                            .formatted(run.name(), run.state(), run.name()));
        }
        repository.transactions().executeWithoutResult(_ -> repository.runs().requireNotPurged(run.name()));
    }
}
