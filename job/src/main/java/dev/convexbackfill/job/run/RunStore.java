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
import dev.convexbackfill.config.plan.StoredCode;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.partitioner.range.RangeStore;
import dev.convexbackfill.readerswriters.journal.JournalSpace;
import dev.convexbackfill.readerswriters.quarantine.Replay;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The runs of a repository. Each method is one short transaction. Thread-safe. */
public final class RunStore {

    private static final int MAX_REASON = 4000;

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final RangeStore ranges;
    private final JournalSpace journals;

    public RunStore(JdbcClient jdbc, TransactionOperations transactions, RangeStore ranges, JournalSpace journals) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.ranges = ranges;
        this.journals = journals;
    }

    /** Stores a new run with its ranges. Returns false, and changes nothing, if there is one of that name. */
    public boolean create(String name, String token, String deploymentUrl, Plan plan, @Nullable String planPath,
            List<Range> cut) {
        try {
            transactions.executeWithoutResult(_ -> {
                jdbc.sql(
                        """
                                insert into backfill_run (name, token, deployment_url, table_name, plan_path, plan_text, plan_code, plan_digest,
                                  write_mode, state, created_at)
                                values (:name, :token, :url, :table, :path, :text, :code, :digest, :write, 'CREATED', current_timestamp)""")
                        .param("name", name)
                        .param("token", token)
                        .param("url", deploymentUrl)
                        .param("table", plan.table())
                        .param("path", planPath)
                        .param("text", plan.text())
                        .param("code", StoredCode.of(plan).toJson())
                        .param("digest", plan.digest())
                        .param("write", plan.write().text())
                        .update();
                ranges.create(name, cut);
                journals.open(name);
            });
            return true;
        } catch (DuplicateKeyException _) {
            return false;
        }
    }

    /**
     * Stores a new run that tries the quarantine of another again. Throws {@link RefusedException}, and changes nothing, unless
     * that one is complete and no other replay of it is under way.
     */
    public void createReplay(Replay replay, String token, String deploymentUrl, Plan plan, @Nullable String planPath,
            List<Range> cut) {
        transactions.executeWithoutResult(_ -> {
            // locks the run's row, so that of two who begin at once one sees the other
            int complete = jdbc
                    .sql("update backfill_run set replay_of = replay_of where name = :run and state = 'COMPLETED'")
                    .param("run", replay.of()).update();
            if (complete == 0) {
                throw new RefusedException(
                        ("Run '%s' is not completed: it may still come to documents that are in quarantine."
                                + " Go on with it first: ./backfill resume %s").formatted(replay.of(), replay.of()));
            }
            requireNotUndone(replay.of());
            requireNotPurged(replay.of());
            jdbc.sql("select name from backfill_run where replay_of = :run and state <> 'COMPLETED'")
                    .param("run", replay.of()).query(String.class).optional().ifPresent(underWay -> {
                        throw new RefusedException(
                                ("The replay '%s' of run '%s' is not completed. Go on with it: ./backfill"
                                        + " resume %s").formatted(underWay, replay.of(), underWay));
                    });
            if (!create(replay.run(), token, deploymentUrl, plan, planPath, cut)) {
                throw new RefusedException(
                        "There is already a run '%s'; give the replay another --name".formatted(replay.run()));
            }
            jdbc.sql("update backfill_run set replay_of = :of where name = :run").param("of", replay.of())
                    .param("run", replay.run()).update();
        });
    }

    /**
     * Stores a new run that undoes another. Throws {@link RefusedException}, and changes nothing, unless that one and its replays
     * are at rest and no other rollback of it is under way.
     *
     * @param table where it writes
     * @param write what it does there
     */
    public void createRollback(String name, RunKind.Rollback rollback, String token, Run undone, String table,
            Write write, List<Range> cut) {
        transactions.executeWithoutResult(_ -> {
            // locks their rows, so that of two who begin at once one sees the other
            jdbc.sql("update backfill_run set replay_of = replay_of where name = :run or replay_of = :run")
                    .param("run", rollback.of()).update();
            jdbc.sql("""
                    select name from backfill_run where (name = :run or replay_of = :run)
                      and state not in ('COMPLETED', 'STOPPED', 'FAILED', 'WAITING')""")
                    .param("run", rollback.of()).query(String.class).list().forEach(running -> {
                        throw new RefusedException(
                                ("Run '%s' is not at rest, so it can't be undone yet. Stop it first: ./backfill stop %s."
                                        + " If its process was killed: ./backfill resume %s, and then stop it.")
                                        .formatted(running, running, running));
                    });
            requireJournal(rollback.of());
            requireReadable(rollback.of());
            jdbc.sql("select name from backfill_run where rollback_of = :run and state <> 'COMPLETED'")
                    .param("run", rollback.of()).query(String.class).optional().ifPresent(underWay -> {
                        throw new RefusedException(
                                "The rollback '%s' of run '%s' is not completed. Go on with it: ./backfill resume %s"
                                        .formatted(underWay, rollback.of(), underWay));
                    });
            int created = jdbc
                    .sql("""
                            insert into backfill_run (name, token, deployment_url, table_name, plan_path, plan_text, plan_code, plan_digest,
                              write_mode, state, created_at, rollback_of, rollback_is_forced, rollback_only)
                            select :name, :token, deployment_url, :table, plan_path, plan_text, plan_code, plan_digest,
                              :write, 'CREATED', current_timestamp, name, :forced, :only
                            from backfill_run where name = :of and not exists (select 1 from backfill_run where name = :name)""")
                    .param("name", name).param("token", token).param("table", table).param("write", write.text())
                    .param("forced", rollback.isForced())
                    .param("only", rollback.only().isEmpty() ? null : String.join(" ", rollback.only()))
                    .param("of", undone.name()).update();
            if (created == 0) {
                throw new RefusedException(
                        "There is already a run '%s'; give the rollback another --name".formatted(name));
            }
            ranges.create(name, cut);
            journals.open(name);
        });
    }

    /** Journals of an older version can't be read in the order of ids. */
    private void requireReadable(String run) {
        for (String one : jdbc.sql("select name from backfill_run where name = :run or replay_of = :run")
                .param("run", run).query((row, _) -> row.getString("name")).list()) {
            // by one run after the other, so that no other's journal is touched
            if (jdbc.sql("""
                    select exists (select 1 from backfill_journal where run_name = :run and position is null)
                      or exists (select 1 from backfill_id_mapping where run_name = :run and digest is null)""")
                    .param("run", one).query(Boolean.class).single()) {
                throw new RefusedException(
                        "Run '%s' began with an older version, whose journal this one can't read".formatted(run));
            }
        }
    }

    private void requireJournal(String run) {
        requireNotPurged(run);
        if (purged(run) != null) {
            throw new RefusedException(
                    "The journal of run '%s' was dropped by `./backfill purge`, and nothing but it tells what the run has done"
                            .formatted(run));
        }
    }

    /** Throws {@link RefusedException} if the run is half deleted. */
    public void requireNotPurged(String run) {
        if (RunPurge.ALL.equals(purged(run))) {
            throw new RefusedException(
                    "A purge of run '%s' has begun and was interrupted. End it: ./backfill purge %s".formatted(run,
                            run));
        }
    }

    private @Nullable String purged(String run) {
        return jdbc.sql("select purged from backfill_run where name = :run").param("run", run)
                .query((row, _) -> Optional.ofNullable(row.getString("purged"))).single().orElse(null);
    }

    /**
     * Stores a new run that verifies another with a plan that may ensure something else. Throws {@link RefusedException}, and
     * changes nothing, if there is one of that name, or if that run has been undone.
     */
    public void createVerification(String name, RunKind.Verification verification, String token, Plan plan,
            List<Range> cut) {
        transactions.executeWithoutResult(_ -> {
            // locks the run's row, so that no purge of it begins now
            jdbc.sql("update backfill_run set replay_of = replay_of where name = :run").param("run", verification.of())
                    .update();
            requireNotUndone(verification.of());
            requireJournal(verification.of());
            requireReadable(verification.of());
            jdbc.sql("select rollback_of from backfill_run where name = :run and rollback_of is not null")
                    .param("run", verification.of()).query(String.class).optional().ifPresent(this::requireJournal);
            int created = jdbc
                    .sql("""
                            insert into backfill_run (name, token, deployment_url, table_name, plan_path, plan_text, plan_code, plan_digest,
                              write_mode, state, created_at, verification_of, verification_sample)
                            select :name, :token, deployment_url, table_name, plan_path, :text, :code, :digest,
                              write_mode, 'CREATED', current_timestamp, name, :sample
                            from backfill_run where name = :of and not exists (select 1 from backfill_run where name = :name)""")
                    .param("name", name).param("token", token).param("text", plan.text())
                    .param("code", StoredCode.of(plan).toJson()).param("digest", plan.digest())
                    .param("sample", verification.sample()).param("of", verification.of()).update();
            if (created == 0) {
                throw new RefusedException(
                        "There is already a run '%s'; give the verification another --name".formatted(name));
            }
            ranges.create(name, cut);
        });
    }

    /** How many verifications a run has had. */
    public int verifications(String run) {
        return transactions.execute(_ -> jdbc.sql("select count(*) from backfill_run where verification_of = :run")
                .param("run", run).query(Integer.class).single());
    }

    /** True if a part of a run did something else than its plan says now: it was changed and accepted in between. */
    public boolean hasChangedPlan(String run) {
        return transactions.execute(_ -> jdbc.sql("""
                select count(distinct parameter_value) from batch_job_execution_params
                where parameter_name = :plan and job_execution_id in (
                  select job_execution_id from batch_job_execution_params
                  where parameter_name = :name and parameter_value = :run)""")
                .param("plan", RunJob.PLAN_PARAMETER).param("name", RunJob.RUN_PARAMETER).param("run", run)
                .query(Integer.class).single()) > 1;
    }

    /** Throws {@link RefusedException} if a rollback of the run has begun: what it did then would be undone in part. */
    public void requireNotUndone(String run) {
        List<String> rollbacks = rollbacks(run);
        if (!rollbacks.isEmpty()) {
            throw new RefusedException(
                    "Run '%s' is undone by '%s', so nothing more is done for it. Launch its plan again under another --name."
                            .formatted(run, rollbacks.getFirst()));
        }
    }

    /** The rollbacks of a run, the oldest first. */
    public List<String> rollbacks(String run) {
        return transactions.execute(
                _ -> jdbc.sql("select name from backfill_run where rollback_of = :run order by created_at, name")
                        .param("run", run).query(String.class).list());
    }

    /** A run with its replays, itself first. */
    public List<Run> family(String run) {
        return transactions.execute(_ -> jdbc.sql("""
                select * from backfill_run where name = :run or replay_of = :run
                order by case when name = :run then 0 else 1 end, created_at, name""")
                .param("run", run).query(RunStore::row).list());
    }

    /** How many replays a run has had. */
    public int replays(String run) {
        return transactions.execute(_ -> jdbc.sql("select count(*) from backfill_run where replay_of = :run")
                .param("run", run).query(Integer.class).single());
    }

    public Optional<Run> find(String name) {
        return transactions.execute(_ -> jdbc.sql("select * from backfill_run where name = :name").param("name", name)
                .query(RunStore::row).optional());
    }

    /** The newest first. */
    public List<Run> list() {
        return transactions
                .execute(_ -> jdbc.sql("select * from backfill_run order by created_at desc, name").query(RunStore::row)
                        .list());
    }

    private static Run row(ResultSet row, int index) throws SQLException {
        Instant createdAt = row.getObject("created_at", OffsetDateTime.class).toInstant();
        return new Run(row.getString("name"), row.getString("token"), row.getString("deployment_url"),
                row.getString("table_name"), row.getString("plan_path"), row.getString("plan_text"),
                row.getString("plan_code"), row.getString("plan_digest"), Write.of(row.getString("write_mode")),
                RunState.valueOf(row.getString("state")),
                row.getString("reason"),
                row.getBoolean("stop_requested"), kind(row), createdAt, instant(row, "started_at"),
                instant(row, "ended_at"));
    }

    private static RunKind kind(ResultSet row) throws SQLException {
        String replayOf = row.getString("replay_of");
        if (replayOf != null) {
            return new RunKind.Retry(new Replay(replayOf, row.getString("name")));
        }
        String verificationOf = row.getString("verification_of");
        if (verificationOf != null) {
            return new RunKind.Verification(verificationOf, row.getObject("verification_sample", Integer.class));
        }
        String rollbackOf = row.getString("rollback_of");
        if (rollbackOf == null) {
            return new RunKind.Backfill();
        }
        String only = row.getString("rollback_only");
        return new RunKind.Rollback(rollbackOf, row.getBoolean("rollback_is_forced"),
                only == null ? List.of() : List.of(only.split(" ")));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** A process manages the run from now on. */
    public void begin(String name) {
        transactions.executeWithoutResult(_ -> jdbc
                .sql("""
                        update backfill_run set state = 'RUNNING', started_at = coalesce(started_at, current_timestamp), ended_at = null
                        where name = :name""")
                .param("name", name).update());
    }

    /** The run is at rest. A reason that was given for the stop before stays unless there is a new one. */
    public void end(String name, RunState state, @Nullable String reason) {
        transactions.executeWithoutResult(_ -> jdbc
                .sql("""
                        update backfill_run
                        set state = :state, reason = case when :state = 'COMPLETED' then null else coalesce(:reason, reason) end,
                          ended_at = current_timestamp, stop_requested = false
                        where name = :name""")
                .param("state", state.name())
                .param("reason", reason == null ? null : reason.substring(0, Math.min(reason.length(), MAX_REASON)))
                .param("name", name)
                .update());
    }

    /** Asks whoever executes the run to stop; the first reason stays. */
    public void requestStop(String name, String reason) {
        transactions.executeWithoutResult(_ -> jdbc.sql("""
                update backfill_run set stop_requested = true, reason = :reason
                where name = :name and stop_requested = false
                  and state not in ('COMPLETED', 'STOPPED', 'FAILED', 'WAITING')""")
                .param("reason", reason.substring(0, Math.min(reason.length(), MAX_REASON)))
                .param("name", name).update());
    }

    /** Says why the run is about to fail; the first reason stays. */
    public void noteFailure(String name, String reason) {
        transactions.executeWithoutResult(
                _ -> jdbc.sql("update backfill_run set reason = :reason where name = :name and reason is null")
                        .param("reason", reason.substring(0, Math.min(reason.length(), MAX_REASON))).param("name", name)
                        .update());
    }

    public boolean isStopRequested(String name) {
        return transactions.execute(_ -> jdbc.sql("select stop_requested from backfill_run where name = :name")
                .param("name", name).query(Boolean.class).optional().orElse(false));
    }

    /**
     * Makes the run ready to go on, with the plan as it is now. Returns false, and changes nothing, if it is complete. Throws
     * {@link RefusedException} if it waits to be approved, is undone, or half purged.
     */
    public boolean prepareToResume(String name, Plan plan, @Nullable String planPath) {
        return transactions.execute(_ -> {
            // locks the run's row, so that no rollback of it begins now
            jdbc.sql("update backfill_run set replay_of = replay_of where name = :name").param("name", name).update();
            requireNotUndone(find(name).map(Run::replayOf).orElse(name));
            requireNotPurged(name);
            RunApproval.requireNotWaiting(find(name).orElseThrow());
            return jdbc.sql("""
                    update backfill_run set stop_requested = false, reason = null, state = 'RUNNING', ended_at = null,
                      plan_text = :text, plan_code = :code, plan_digest = :digest, plan_path = :path
                    where name = :name and state <> 'COMPLETED'""")
                    .param("text", plan.text()).param("code", StoredCode.of(plan).toJson())
                    .param("digest", plan.digest()).param("path", planPath).param("name", name)
                    .update() == 1;
        });
    }
}
