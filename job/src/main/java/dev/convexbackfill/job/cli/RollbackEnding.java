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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.job.progress.ProgressDisplay;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.reference.PutBack;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import org.slf4j.LoggerFactory;

/**
 * Says how a run has ended; before that, if it has put documents back, looks for references to their old ids. Whatever becomes of
 * that, the run has ended as it has.
 */
final class RollbackEnding implements RunExecution.Ending {

    private final RunRepository repository;
    private final DeployKey key;
    private final boolean looksForReferences;
    private final Output output;

    RollbackEnding(RunRepository repository, DeployKey key, boolean looksForReferences, Output output) {
        this.repository = repository;
        this.key = key;
        this.looksForReferences = looksForReferences;
        this.output = output;
    }

    @Override
    public int end(RunProgress progress, ProgressDisplay display) {
        Run run = progress.run();
        if (looksForReferences && run.state() == RunState.COMPLETED && PutBack.isBy(run)
                && PutBack.count(run, repository) > 0) {
            display.close();
            output.say(
                    ("Run '%s' is complete. Looking for references to the ids that the documents had before; a stop ends only"
                            + " this, and --no-references leaves it out.").formatted(run.name()));
            look(run);
        }
        return endAfterSignal(progress, display);
    }

    /** Somebody wants to be done. */
    @Override
    public int endAfterSignal(RunProgress progress, ProgressDisplay display) {
        return RunReport.end(repository, progress, display, output);
    }

    private void look(Run run) {
        StopSignal stop = StopSignal.never();
        try {
            if (!FollowedSearch.complete(repository, run, key, false, stop, output)) {
                output.say(
                        "The search for references was stopped by %s. Go on with: ./backfill references %s".formatted(
                                stop.reason(), run.name()));
            }
        } catch (RefusedException refused) {
            output.say("References were not looked for. %s Then: ./backfill references %s".formatted(
                    refused.getMessage(), run.name()));
        } catch (RuntimeException failed) {
            LoggerFactory.getLogger(RollbackEnding.class).error("The search for references failed", failed);
            output.say(
                    "The search for references failed (%s). The rollback is complete, and what was found is kept; go on with: ./backfill references %s"
                            .formatted(failed.getMessage(), run.name()));
        }
    }
}
