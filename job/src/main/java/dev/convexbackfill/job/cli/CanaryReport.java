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

import dev.convexbackfill.job.canary.Canary;
import dev.convexbackfill.job.canary.CanaryPhase;
import dev.convexbackfill.job.canary.CanarySlice;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.run.RunRepository;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says what is known of the canary of a run. */
final class CanaryReport {

    private static final int MISMATCHES_SHOWN = 5;

    private final RunRepository repository;
    private final Canary canary;

    private CanaryReport(RunRepository repository, Canary canary) {
        this.repository = repository;
        this.canary = canary;
    }

    /** Empty if the run has no canary. */
    static Optional<CanaryReport> of(RunRepository repository, String run) {
        return repository.canaries().find(run).map(canary -> new CanaryReport(repository, canary));
    }

    /** Adds it to what machines read of a run, as {@code canary}; null if the run has none. */
    static void put(Map<String, @Nullable Object> result, RunRepository repository, String run) {
        result.put("canary", of(repository, run).map(CanaryReport::toMap).orElse(null));
    }

    private Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("asked", canary.asked().toString());
        map.put("phase", canary.phase().name());
        CanarySlice slice = canary.slice();
        map.put("documents", slice == null ? null : slice.documents());
        map.put("ofDocuments", slice == null ? null : slice.ofDocuments());
        map.put("isEstimate", slice != null && slice.isEstimate());
        map.put("isAutoApproved", canary.isAutoApproved());
        map.put("verification", canary.verification());
        map.put("mismatches", canary.mismatches());
        Canary.Approval approval = canary.approval();
        map.put("approvedBy", approval == null ? null : approval.by());
        map.put("approvedAt", approval == null ? null : approval.at().toString());
        return map;
    }

    /** In a line: how large it is, and how far. */
    String line() {
        return "canary: %s, %s".formatted(size(), switch (canary.phase()) {
            case MIGRATING -> "being migrated";
            case MIGRATED -> "migrated, and not verified to its end";
            case WAITING -> "migrated and verified by '%s': %s; it waits for approval".formatted(
                    canary.verification(), found());
            case APPROVED -> approved();
        });
    }

    private String approved() {
        Canary.Approval approval = canary.approval();
        return "verified by '%s': %s; approved%s".formatted(canary.verification(), found(),
                approval == null ? "" : " by %s at %s".formatted(approval.by(), approval.at()));
    }

    private String size() {
        CanarySlice slice = canary.slice();
        if (slice == null) {
            return canary.asked() + " of the documents";
        }
        String documents = ProgressText.number(slice.documents());
        Long of = slice.ofDocuments();
        return of == null ? documents + " documents"
                : "%s of %s%s documents (%s)".formatted(documents, slice.isEstimate() ? "an estimated " : "",
                        ProgressText.number(of), canary.asked());
    }

    private String found() {
        Long wrong = canary.mismatches();
        if (wrong == null || wrong == 0) {
            return "nothing is wrong";
        }
        return wrong == 1 ? "1 thing is wrong" : ProgressText.number(wrong) + " things are wrong";
    }

    /** What a run that waits has done, what was found, and what to type. */
    String text(RunProgress progress, String summary) {
        String run = canary.run();
        StringBuilder text = new StringBuilder();
        text.append("\nRun '%s' waits for approval. It has migrated a slice of %s, and touched nothing else.\n\n%s\n\n"
                .formatted(run, size(), summary));
        text.append("Verified by '%s': %s.\n".formatted(canary.verification(), found()));
        verification().ifPresent(verified -> {
            VerificationReport report = new VerificationReport(repository, MISMATCHES_SHOWN, new Output());
            report.lines(verified).forEach(line -> text.append(line).append('\n'));
            report.found(verified.run().name()).forEach(line -> text.append("  ").append(line).append('\n'));
        });
        if (progress.counts().quarantined() > 0) {
            text.append("See what could not be changed: ./backfill quarantine %s\n".formatted(run));
        }
        text.append('\n');
        if (!canary.isClean()) {
            text.append("See all that is wrong:          ./backfill verify %s\n".formatted(canary.verification()));
        }
        text.append("Undo the canary:                ./backfill rollback %s\n".formatted(run));
        text.append("Go on with all other documents: ./backfill approve %s%s\n".formatted(run,
                canary.isClean() ? "" : " --in-spite-of-mismatches"));
        return text.toString();
    }

    /** What a run waits for while its canary is verified; empty if it is not. */
    Optional<String> waitingFor() {
        return canary.phase() != CanaryPhase.MIGRATED ? Optional.empty()
                : Optional.of("its canary is verified, %s documents looked at".formatted(ProgressText.number(
                        verification().map(verified -> verified.counts().read()).orElse(0L))));
    }

    private Optional<RunProgress> verification() {
        String name = canary.verification();
        return name == null ? Optional.empty()
                : repository.runs().find(name).map(run -> RunProgress.of(run, repository.stores()));
    }
}
