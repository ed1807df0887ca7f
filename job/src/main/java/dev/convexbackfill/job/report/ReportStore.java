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
package dev.convexbackfill.job.report;

import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;

/**
 * Reports of runs. What a run itself has done is kept as it was when the run came to rest: replays empty its quarantine later.
 * What was made of it since is looked up each time. Thread-safe.
 */
public final class ReportStore {

    private final RunRepository repository;
    private final RunFacts facts;
    private final FamilyFacts family;

    /** {@code lease} tells whether a process still executes a run. */
    public ReportStore(RunRepository repository, Duration lease) {
        this.repository = repository;
        this.facts = new RunFacts(repository, lease);
        this.family = new FamilyFacts(repository, facts);
    }

    /** Keeps the report of a run that is at rest, in the place of one from before; does nothing for others. */
    public void keep(String name) {
        repository.runs().find(name).ifPresent(this::keep);
    }

    private Report keep(Run run) {
        Report report = facts.of(run);
        Instant endedAt = run.endedAt();
        if (run.state().isAtRest() && endedAt != null) {
            try {
                repository.transactions().executeWithoutResult(_ -> store(run.name(), run.state(), endedAt, report));
            } catch (DuplicateKeyException _) {
                // somebody else has kept the same at the same moment
            }
        }
        return report;
    }

    private void store(String run, RunState state, Instant endedAt, Report report) {
        repository.jdbc().sql("delete from backfill_report where run_name = :run").param("run", run).update();
        repository.jdbc().sql("""
                insert into backfill_report (run_name, run_state, run_ended_at, content)
                values (:run, :state, :ended, :content)""")
                .param("run", run).param("state", state.name()).param("ended", endedAt.atOffset(ZoneOffset.UTC))
                .param("content", JsonReport.of(report)).update();
    }

    /** The report of a run: of one at rest as it was kept, of others as it is now. */
    public Report of(Run run) {
        return kept(run).orElseGet(() -> keep(run)).with(family.of(run));
    }

    private Optional<Report> kept(Run run) {
        if (!run.state().isAtRest()) {
            return Optional.empty();
        }
        return repository.transactions().execute(_ -> repository.jdbc()
                .sql("select run_ended_at, content from backfill_report where run_name = :run and run_state = :state")
                .param("run", run.name()).param("state", run.state().name())
                .query((row, _) -> isOf(run.endedAt(), row.getObject("run_ended_at", OffsetDateTime.class).toInstant())
                        ? JsonReport.read(row.getString("content"))
                        : Optional.<Report>empty())
                .optional()).flatMap(report -> report);
    }

    /** A run that went on has another end. */
    private static boolean isOf(@Nullable Instant endedAt, Instant kept) {
        return kept.equals(endedAt);
    }
}
