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
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.partitioner.ledger.Ledger;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Takes runs out of a repository and a deployment. First it is noted that there is no way back any more; then all goes in
 * small transactions. Who is killed in between leaves a run of which nothing can be made but to purge it again.
 */
public final class RunPurge {

    static final String ALL = "ALL";
    private static final String JOURNAL = "JOURNAL";
    private static final int ROWS_AT_ONCE = 10_000;

    private final RunRepository repository;
    private final JdbcClient jdbc;

    public RunPurge(RunRepository repository) {
        this.repository = repository;
        this.jdbc = repository.jdbc();
    }

    /** A run with all that is of it alone, what depends on others before these: replays, rollbacks, verifications; itself last. */
    public List<Run> family(Run run) {
        List<Run> family = new ArrayList<>();
        others(run).stream().flatMap(name -> repository.runs().find(name).stream())
                .forEach(other -> family.addAll(family(other)));
        family.add(run);
        return family;
    }

    private List<String> others(Run run) {
        return repository.transactions().execute(_ -> jdbc.sql("""
                select name from backfill_run where replay_of = :run or rollback_of = :run or verification_of = :run""")
                .param("run", run.name()).query((row, _) -> row.getString("name")).list());
    }

    /** Drops the journals of a run and its replays and rollbacks; all else stays. Throws {@link RefusedException} unless they are completed. */
    public void dropJournals(Run run) {
        List<Run> family = family(run);
        for (Run one : family) {
            if (one.state() != RunState.COMPLETED) {
                throw new RefusedException(
                        "Run '%s' is not completed but %s, and may need its journal. Go on with it: ./backfill resume %s"
                                .formatted(one.name(), one.state(), one.name()));
            }
        }
        note(run, family, JOURNAL);
        family.forEach(one -> repository.journals().drop(one.name()));
    }

    /**
     * Deletes a run with its replays, rollbacks and verifications, and their ledgers. Throws {@link RefusedException}, and changes nothing, if
     * one of them is not at rest, or another run still needs it.
     *
     * @param ledger of the run's deployment
     */
    public void purge(Run run, Ledger ledger) {
        List<Run> family = family(run);
        for (Run one : family) {
            if (!one.state().isAtRest()) {
                throw new RefusedException("Run '%s' is not at rest but %s. Stop it first: ./backfill stop %s"
                        .formatted(one.name(), one.state(), one.name()));
            }
        }
        requireNotNeeded(family);
        note(run, family, ALL);
        for (Run one : family) {
            ledger.purge(one.name());
            delete(one.name());
        }
    }

    private void requireNotNeeded(List<Run> family) {
        List<String> names = family.stream().map(Run::name).toList();
        for (Run other : repository.runs().list()) {
            if (other.state() != RunState.COMPLETED && !names.contains(other.name())) {
                Plan plan = other.plan();
                ReferencedRuns.of(plan).stream().filter(names::contains).findFirst().ifPresent(needed -> {
                    throw new RefusedException(
                            "Run '%s' is not completed and takes new ids from '%s'. Go on with it first: ./backfill resume %s"
                                    .formatted(other.name(), needed, other.name()));
                });
            }
        }
    }

    /** From here on no rollback begins, and nothing goes on. */
    private void note(Run root, List<Run> family, String what) {
        repository.transactions().executeWithoutResult(_ -> {
            for (Run run : family) {
                int noted = jdbc
                        .sql("""
                                update backfill_run set purged = case when purged = 'ALL' then purged else :what end where name = :run and state = :state""")
                        .param("what", what).param("run", run.name()).param("state", run.state().name()).update();
                if (noted == 0) {
                    throw new RefusedException(
                            "Run '%s' is not %s any more; nothing was deleted".formatted(run.name(), run.state()));
                }
            }
            // whoever creates such a run locks the row of this one first, so from now on there are no more of them
            List<String> known = family.stream().map(Run::name).toList();
            family(root).stream().map(Run::name).filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
                throw new RefusedException(
                        "Run '%s' of '%s' was created just now, so nothing was deleted. When it is at rest: ./backfill purge %s%s"
                                .formatted(name, root.name(), root.name(), what.equals(JOURNAL) ? " --journal" : ""));
            });
        });
    }

    private void delete(String run) {
        repository.journals().drop(run);
        inParts("backfill_id_mapping", "source_id", run);
        inParts("backfill_quarantine", "document_id", run);
        inParts("backfill_selected", "document_id", run);
        inParts("backfill_shared_value", "document_id", run);
        repository.tasks().deleteOfRun(TaskQueue.RUNS, run);
        repository.tasks().deleteOfRun(TaskQueue.RANGES, run);
        repository.transactions().executeWithoutResult(_ -> {
            List<Long> jobs = jdbc.sql("""
                    select distinct e.job_instance_id from batch_job_execution e
                    join batch_job_execution_params p on p.job_execution_id = e.job_execution_id
                    where p.parameter_name = :parameter and p.parameter_value = :run""")
                    .param("parameter", RunJob.RUN_PARAMETER).param("run", run)
                    .query((row, _) -> row.getLong("job_instance_id")).list();
            jobs.forEach(this::deleteJob);
            jdbc.sql("delete from backfill_canary where run_name = :run").param("run", run).update();
            jdbc.sql("delete from backfill_selection where run_name = :run").param("run", run).update();
            for (String table : List.of("backfill_execution", "backfill_sample", "backfill_field_change",
                    "backfill_report", "backfill_reference", "backfill_reference_field", "backfill_reference_table",
                    "backfill_reference_search")) {
                jdbc.sql("delete from %s where run_name = :run".formatted(table)).param("run", run).update();
            }
            jdbc.sql("delete from backfill_mismatch where run_name = :run").param("run", run).update();
            jdbc.sql("delete from backfill_mismatch_count where run_name = :run").param("run", run).update();
            jdbc.sql("delete from backfill_rollback_point where run_name = :run").param("run", run).update();
            jdbc.sql("delete from backfill_range where run_name = :run").param("run", run).update();
            jdbc.sql("delete from backfill_run where name = :run").param("run", run).update();
        });
    }

    private void inParts(String table, String key, String run) {
        String some = "select %s from %s where run_name = :run limit %%d".formatted(key, table);
        String delete = "delete from %s where run_name = :run and %s in (%s)".formatted(table, key,
                some.formatted(ROWS_AT_ONCE));
        // not how many were deleted: another purge may have taken the very same
        while (repository.transactions()
                .execute(_ -> jdbc.sql(some.formatted(1)).param("run", run).query(String.class).optional()
                        .isPresent())) {
            repository.transactions().executeWithoutResult(_ -> jdbc.sql(delete).param("run", run).update());
        }
    }

    private void deleteJob(long instance) {
        String executions = "(select job_execution_id from batch_job_execution where job_instance_id = :instance)";
        for (String sql : List.of(
                "delete from batch_step_execution_context where step_execution_id in (select step_execution_id"
                        + " from batch_step_execution where job_execution_id in " + executions + ")",
                "delete from batch_step_execution where job_execution_id in " + executions,
                "delete from batch_job_execution_context where job_execution_id in " + executions,
                "delete from batch_job_execution_params where job_execution_id in " + executions,
                "delete from batch_job_execution where job_instance_id = :instance",
                "delete from batch_job_instance where job_instance_id = :instance")) {
            jdbc.sql(sql).param("instance", instance).update();
        }
    }
}
