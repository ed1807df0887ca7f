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
package dev.convexbackfill.readerswriters.journal;

import dev.convexbackfill.client.StopSignal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Journals that are partitions of one table: those of the runs that were there before there were partitions together, all others
 * by themselves. Runs that go on write through the table while partitions come and go. Thread-safe.
 */
final class PartitionedJournals implements JournalSpace {

    static final int ATTEMPTS = 60;

    /** Above PostgreSQL's deadlock_timeout, after which an autovacuum of the partition gives way. */
    private static final Duration WAIT_FOR_PARTITION = Duration.ofSeconds(3);
    /** So long at most runs that go on wait for a purge that waits. */
    private static final Duration WAIT_FOR_TABLE = Duration.ofMillis(250);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** Of PostgreSQL: a lock was not to be had in time, and a deadlock. */
    private static final Set<String> LOCK_STATES = Set.of("55P03", "40P01");

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final SharedJournals shared;
    private final int attempts;

    /**
     * @param shared   deletes those that are together
     * @param attempts after which a partition counts as in use
     */
    PartitionedJournals(JdbcClient jdbc, TransactionOperations transactions, SharedJournals shared, int attempts) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.shared = shared;
        this.attempts = attempts;
    }

    @Override
    public void open(String run) {
        // a run of this name may have been there before there were partitions; nobody may drop that one now
        if (jdbc.sql("select number from backfill_journal_partition where run_name = :run for share").param("run", run)
                .query(Long.class).optional().isPresent()) {
            return;
        }
        long number = jdbc.sql("select nextval('backfill_journal_number')").query(Long.class).single();
        jdbc.sql("insert into backfill_journal_partition (run_name, number) values (:run, :number)").param("run", run)
                .param("number", number).update();
        // in two steps, because `create table ... partition of` would wait for all who write, and have all others wait
        jdbc.sql("create table %s (like backfill_journal including all)".formatted(table(number))).update();
        jdbc.sql(jdbc
                .sql("select format('alter table backfill_journal attach partition %I for values in (%L)', :table, :run)")
                .param("table", table(number)).param("run", run).query(String.class).single()).update();
    }

    private static String table(long number) {
        return "backfill_journal_" + number;
    }

    @Override
    public void drop(String run) {
        for (int attempt = 1;; attempt++) {
            try {
                if (!transactions.execute(_ -> dropPartition(run))) {
                    shared.drop(run);
                }
                return;
            } catch (DataAccessException failed) {
                if (!isLocked(failed)) {
                    throw failed;
                }
                if (attempt == attempts || StopSignal.never().await(PAUSE)) {
                    throw new JournalInUseException(run, users(), failed);
                }
            }
        }
    }

    /** Returns false, and changes nothing, if the run is together with others that need their journals. */
    private boolean dropPartition(String run) {
        waitForLocks(WAIT_FOR_PARTITION);
        Optional<Long> found = jdbc.sql("select number from backfill_journal_partition where run_name = :run")
                .param("run", run).query(Long.class).optional();
        if (found.isEmpty()) {
            return true;
        }
        long number = found.get();
        List<String> together = jdbc.sql("""
                select run_name from backfill_journal_partition where number = :number order by run_name for update""")
                .param("number", number).query((row, _) -> row.getString("run_name")).list();
        if (!together.contains(run)) {
            // another purge was faster
            return true;
        }
        // only now, since a run of such a name may have been created while the locks were waited for
        if (jdbc.sql("""
                select exists (select 1 from backfill_run r join backfill_journal_partition p on p.run_name = r.name
                  where p.number = :number and r.purged is null and r.name <> :run)""").param("number", number)
                .param("run", run).query(Boolean.class).single()) {
            return false;
        }
        jdbc.sql("lock table %s in access exclusive mode".formatted(table(number))).update();
        waitForLocks(WAIT_FOR_TABLE);
        jdbc.sql("drop table " + table(number)).update();
        jdbc.sql("delete from backfill_journal_partition where number = :number").param("number", number).update();
        return true;
    }

    private void waitForLocks(Duration atMost) {
        jdbc.sql("set local lock_timeout = '%d ms'".formatted(atMost.toMillis())).update();
    }

    private static boolean isLocked(DataAccessException failed) {
        return failed.getMostSpecificCause() instanceof SQLException sql && LOCK_STATES.contains(sql.getSQLState());
    }

    /** Who uses the table or one of its partitions; the one who has for the longest time first. */
    private List<String> users() {
        return transactions.execute(_ -> jdbc
                .sql("""
                        select l.pid, a.application_name, cast(extract(epoch from now() - min(a.xact_start)) as bigint) as seconds
                        from pg_locks l join pg_stat_activity a on a.pid = l.pid
                        where l.granted and l.pid <> pg_backend_pid()
                          and l.database = (select oid from pg_database where datname = current_database())
                          and (l.relation = 'backfill_journal'::regclass or l.relation in
                            (select inhrelid from pg_inherits where inhparent = 'backfill_journal'::regclass))
                        group by l.pid, a.application_name order by min(a.xact_start) limit 3""")
                .query((row, _) -> "the database's process %d (%s), for %d s".formatted(row.getLong("pid"),
                        row.getString("application_name"), row.getLong("seconds")))
                .list());
    }
}
