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
package dev.convexbackfill.job.history;

import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.readerswriters.throttle.CallTimes.Calls;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import dev.convexbackfill.readerswriters.throttle.Waits.Wait;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Executions of runs and their samples. Only the process that manages a run writes them. The caller has a transaction open. Thread-safe. */
public final class HistoryStore {

    /** However long a run takes. */
    public static final int MAX_SAMPLES = 500;

    private static final int MAX_PROCESS = 300;

    private final JdbcClient jdbc;

    public HistoryStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** A process executes a run from now on. Returns the number of the execution. */
    public int begin(String run, String process, String program, Instant at) {
        int number = 1 + jdbc
                .sql("select coalesce(max(execution_number), 0) from backfill_execution where run_name = :run")
                .param("run", run).query(Integer.class).single();
        jdbc.sql("""
                insert into backfill_execution (run_name, execution_number, process, program, began_at)
                values (:run, :number, :process, :program, :at)""")
                .param("run", run).param("number", number)
                .param("process", process.substring(0, Math.min(process.length(), MAX_PROCESS)))
                .param("program", program).param("at", at.atOffset(ZoneOffset.UTC)).update();
        return number;
    }

    /** The execution has come to its end. */
    public void end(String run, int number, String state, @Nullable String reason, Instant at) {
        jdbc.sql("""
                update backfill_execution set ended_at = :at, state = :state, reason = :reason
                where run_name = :run and execution_number = :number""")
                .param("at", at.atOffset(ZoneOffset.UTC)).param("state", state).param("reason", reason)
                .param("run", run).param("number", number).update();
    }

    /** In their order. */
    public List<Execution> executions(String run) {
        return jdbc.sql("select * from backfill_execution where run_name = :run order by execution_number")
                .param("run", run)
                .query((row, _) -> new Execution(row.getInt("execution_number"), row.getString("process"),
                        row.getString("program"), instant(row, "began_at"),
                        row.getObject("ended_at") == null ? null : instant(row, "ended_at"), row.getString("state"),
                        row.getString("reason")))
                .list();
    }

    /** Adds the newest sample; makes room if there are too many. */
    public void add(String run, Sample sample) {
        int number = jdbc.sql("select coalesce(max(sample_number), 0) from backfill_sample where run_name = :run")
                .param("run", run).query(Integer.class).single();
        if (number < MAX_SAMPLES) {
            insert(run, number + 1, sample);
            return;
        }
        List<Sample> fewer = SampleMerge.atMost(MAX_SAMPLES / 2, samples(run));
        jdbc.sql("delete from backfill_sample where run_name = :run").param("run", run).update();
        for (int i = 0; i < fewer.size(); i++) {
            insert(run, i + 1, fewer.get(i));
        }
        insert(run, fewer.size() + 1, sample);
    }

    private void insert(String run, int number, Sample sample) {
        Counts counts = sample.counts();
        jdbc.sql(
                """
                        insert into backfill_sample (run_name, sample_number, execution_number, began_at, ended_at, worked_millis,
                          documents_read, changed, unchanged, deleted, quarantined, conflicts, calls, call_millis,
                          longest_call_millis, waits)
                        values (:run, :number, :execution, :began, :ended, :worked, :read, :changed, :unchanged, :deleted,
                          :quarantined, :conflicts, :calls, :callMillis, :longest, :waits)""")
                .param("run", run).param("number", number).param("execution", sample.execution())
                .param("began", sample.beganAt().atOffset(ZoneOffset.UTC))
                .param("ended", sample.endedAt().atOffset(ZoneOffset.UTC))
                .param("worked", sample.worked().toMillis())
                .param("read", counts.read()).param("changed", counts.changed()).param("unchanged", counts.unchanged())
                .param("deleted", counts.deleted()).param("quarantined", counts.quarantined())
                .param("conflicts", counts.conflicts()).param("calls", sample.calls().number())
                .param("callMillis", sample.calls().total().toMillis())
                .param("longest", sample.calls().longest().toMillis()).param("waits", text(sample.waits())).update();
    }

    private static String text(Map<WaitReason, Wait> waits) {
        return waits.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .map(wait -> "%s=%d/%d".formatted(wait.getKey(), wait.getValue().times(),
                        wait.getValue().total().toMillis()))
                .collect(Collectors.joining(" "));
    }

    private static Map<WaitReason, Wait> waits(String text) {
        Map<WaitReason, Wait> waits = new EnumMap<>(WaitReason.class);
        for (String wait : text.isEmpty() ? new String[0] : text.split(" ")) {
            int equals = wait.indexOf('=');
            int slash = wait.indexOf('/');
            waits.put(WaitReason.valueOf(wait.substring(0, equals)),
                    new Wait(Long.parseLong(wait.substring(equals + 1, slash)),
                            Duration.ofMillis(Long.parseLong(wait.substring(slash + 1)))));
        }
        return waits;
    }

    /** In the order of time. */
    public List<Sample> samples(String run) {
        return jdbc.sql("select * from backfill_sample where run_name = :run order by sample_number")
                .param("run", run).query(HistoryStore::sample).list();
    }

    private static Sample sample(ResultSet row, int index) throws SQLException {
        return new Sample(row.getInt("execution_number"), instant(row, "began_at"), instant(row, "ended_at"),
                Duration.ofMillis(row.getLong("worked_millis")), counts(row),
                new Calls(row.getLong("calls"), Duration.ofMillis(row.getLong("call_millis")),
                        Duration.ofMillis(row.getLong("longest_call_millis"))),
                waits(row.getString("waits")));
    }

    private static Counts counts(ResultSet row) throws SQLException {
        return new Counts(row.getLong("documents_read"), row.getLong("changed"), row.getLong("unchanged"),
                row.getLong("deleted"), row.getLong("quarantined"), row.getLong("conflicts"));
    }

    /** What the samples of a run account for. */
    public Counts sampled(String run) {
        return sum("backfill_sample", run);
    }

    /** What the ranges of a run say, as far as the repository follows the ledger. */
    public Counts counted(String run) {
        return sum("backfill_range", run);
    }

    private Counts sum(String table, String run) {
        return jdbc.sql("""
                select coalesce(sum(documents_read), 0) as documents_read, coalesce(sum(changed), 0) as changed,
                  coalesce(sum(unchanged), 0) as unchanged, coalesce(sum(deleted), 0) as deleted,
                  coalesce(sum(quarantined), 0) as quarantined, coalesce(sum(conflicts), 0) as conflicts
                from %s where run_name = :run""".formatted(table)).param("run", run)
                .query((row, _) -> counts(row)).single();
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
