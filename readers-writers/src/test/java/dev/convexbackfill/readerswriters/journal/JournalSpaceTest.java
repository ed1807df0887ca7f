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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.partitioner.ledger.Chunk;
import dev.convexbackfill.partitioner.ledger.LedgerEntry;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** Journals come and go beside each other. */
class JournalSpaceTest {

    private static final String PARTITIONS = """
            select inhrelid::regclass::text from pg_inherits where inhparent = 'backfill_journal'::regclass order by 1""";

    @TempDir
    private Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    /** A repository with journals in it. */
    private static final class Journals implements AutoCloseable {

        final TestRepository repository;
        final JdbcClient jdbc;
        final TransactionOperations transactions;
        final JournalSpace space;
        final JournalStore store;

        Journals(TestRepository repository) {
            this.repository = repository;
            jdbc = JdbcClient.create(repository.dataSource());
            transactions = new TransactionTemplate(new JdbcTransactionManager(repository.dataSource()));
            space = JournalSpace.in(repository.dataSource(), transactions);
            store = new JournalStore(jdbc);
        }

        void open(String run) {
            transactions.executeWithoutResult(_ -> space.open(run));
        }

        void record(String run, int range, long sequence) {
            ConvexArray changes = ConvexValue.array(List.of());
            transactions.executeWithoutResult(
                    _ -> store.record(run, range, new Chunk("l", 1, sequence, null, "id" + sequence, false, 1, 0, 0, 0,
                            changes), changes, null));
        }

        void settle(String run, int range, long sequence) {
            transactions.executeWithoutResult(_ -> store.settle(run, new LedgerEntry(range, 1, sequence, 1,
                    "id" + sequence, false, Counts.NONE, List.of(), List.of())));
        }

        void fill(String run, int chunks) {
            for (int sequence = 1; sequence <= chunks; sequence++) {
                record(run, sequence % 3, sequence);
            }
        }

        long chunks(String run) {
            return transactions.execute(_ -> store.size(run).chunks());
        }

        void insertRun(String name) {
            transactions.executeWithoutResult(_ -> jdbc.sql("""
                    insert into backfill_run (name, token, deployment_url, table_name, plan_text, plan_digest, state,
                      created_at) values (:name, 't', 'u', 'users', 'p', 'd', 'COMPLETED', current_timestamp)""")
                    .param("name", name).update());
        }

        List<String> texts(String sql) {
            return transactions.execute(_ -> jdbc.sql(sql).query((row, _) -> row.getString(1)).list());
        }

        /** Of the sessions that wait for a lock. */
        boolean isSomebodyWaiting() {
            return !texts("""
                    select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()""")
                    .isEmpty();
        }

        /** Somebody else who has used the table in a transaction that goes on. */
        Connection user(String sql) throws SQLException {
            Connection connection = DriverManager.getConnection(repository.location().url(),
                    repository.location().username(), repository.location().password());
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("set application_name = 'dump'");
                statement.execute(sql);
            }
            return connection;
        }

        @Override
        public void close() {
            repository.close();
        }
    }

    private Journals journals(TestDatabase.Kind kind) {
        Journals journals = new Journals(TestRepository.create(kind, folder));
        open.add(journals);
        return journals;
    }

    private Journals onPostgres() {
        return journals(TestDatabase.Kind.POSTGRESQL);
    }

    private Future<?> start(Runnable work) {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        open.add(thread);
        return thread.submit(work);
    }

    @ParameterizedTest
    @EnumSource
    void oneGoesAndTheOthersStay(TestDatabase.Kind kind) {
        Journals journals = journals(kind);
        List.of("a", "b").forEach(journals::open);
        journals.fill("a", 2500);
        journals.fill("b", 10);

        journals.space.drop("a");
        journals.space.drop("a");
        journals.space.drop("never there");

        assertThat(journals.chunks("a")).isZero();
        assertThat(journals.chunks("b")).isEqualTo(10);
        journals.open("a");
        journals.fill("a", 3);
        assertThat(journals.chunks("a")).isEqualTo(3);
    }

    @Test
    void whateverTheNameIs() {
        Journals journals = onPostgres();
        String hostile = "o'brien\\'; drop table backfill_run; --\"$1 ? :x";
        journals.open(hostile);
        journals.open("a");
        journals.fill(hostile, 2);

        assertThat(journals.chunks(hostile)).isEqualTo(2);
        journals.space.drop(hostile);

        assertThat(journals.texts(PARTITIONS)).hasSize(1);
        assertThat(journals.texts("select run_name from backfill_journal_partition")).containsExactly("a");
    }

    @Test
    void roomIsMadeTogetherWithTheRunOrNotAtAll() {
        Journals journals = onPostgres();

        journals.transactions.executeWithoutResult(transaction -> {
            journals.space.open("a");
            transaction.setRollbackOnly();
        });

        assertThat(journals.texts(PARTITIONS)).isEmpty();
        assertThat(journals.texts("select run_name from backfill_journal_partition")).isEmpty();
        assertThatThrownBy(() -> journals.record("a", 0, 1)).hasMessageContaining("no partition");
    }

    /** So that those who work on one run never wait for what becomes of another. */
    @Test
    void noStatementTouchesTheJournalOfAnotherRun() {
        Journals journals = onPostgres();
        journals.open("a");
        // as often as it takes the driver and the server to keep a plan, which does not mind how many runs there are then
        journals.transactions.executeWithoutResult(_ -> {
            for (int sequence = 1; sequence <= 20; sequence++) {
                everyStatement(journals, sequence);
            }
        });
        List.of("b", "c").forEach(journals::open);
        String own = journals.texts("select 'backfill_journal_' || number from backfill_journal_partition"
                + " where run_name = 'a'").getFirst();

        journals.transactions.executeWithoutResult(_ -> {
            everyStatement(journals, 21);
            assertThat(journals.jdbc.sql("""
                    select distinct c.relname from pg_locks l join pg_class c on c.oid = l.relation
                    where l.pid = pg_backend_pid() and c.relname like 'backfill_journal%' and c.relkind = 'r'""")
                    .query((row, _) -> row.getString("relname")).list())
                    .containsExactly(own);
        });
    }

    private static void everyStatement(Journals journals, long sequence) {
        journals.record("a", 0, sequence);
        journals.settle("a", 0, sequence);
        journals.store.deleteVoid("a",
                new LedgerEntry(0, 1, sequence, 1, null, false, Counts.NONE, List.of(), List.of()));
        journals.store.applied("a", 0);
        journals.store.between("a", "", true, "~");
        journals.store.ends("a", "", "~", 3);
        journals.store.unsettled("a");
        journals.store.size("a");
    }

    @Test
    void aNewRunWaitsForNobodyWhoWrites() throws Exception {
        Journals journals = onPostgres();
        journals.open("a");

        try (Connection writer = journals.user("""
                insert into backfill_journal (run_name, range_number, sequence, fence, documents, changes)
                values ('a', 0, 1, 1, 0, '')""")) {
            // or it would wait for as long as this test does
            journals.transactions.executeWithoutResult(_ -> {
                journals.jdbc.sql("set local lock_timeout = '20 s'").update();
                journals.space.open("b");
            });
            writer.commit();
        }

        assertThat(journals.chunks("a")).isOne();
    }

    @Test
    void runsGoOnWhileAPurgeWaits() throws Exception {
        Journals journals = onPostgres();
        List.of("a", "b").forEach(journals::open);
        journals.fill("a", 5);
        int written = 0;

        try (Connection dump = journals.user("select count(*) from backfill_journal where run_name = 'b'")) {
            Future<?> purge = start(() -> journals.space.drop("a"));
            for (int wait = 0; wait < 2; wait++) {
                Awaitility.await().until(journals::isSomebodyWaiting);
                for (int i = 0; i < 20; i++) {
                    journals.record("b", 0, written++);
                }
                Awaitility.await().until(() -> !journals.isSomebodyWaiting());
            }
            assertThat(purge.isDone()).isFalse();
            assertThat(journals.chunks("a")).isEqualTo(5);
            dump.commit();
            purge.get();
        }

        assertThat(journals.chunks("a")).isZero();
        assertThat(journals.chunks("b")).isEqualTo(written);
    }

    @Test
    void whoDoesNotLetGoIsNamed() throws Exception {
        Journals journals = onPostgres();
        journals.open("a");
        journals.fill("a", 5);
        JournalSpace impatient = new PartitionedJournals(journals.jdbc, journals.transactions,
                new SharedJournals(journals.jdbc, journals.transactions), 2);

        try (Connection _ = journals.user("select count(*) from backfill_journal where run_name = 'a'")) {
            assertThatThrownBy(() -> impatient.drop("a")).isInstanceOf(JournalInUseException.class).hasMessageMatching(
                    "The journal of run 'a' can't be dropped, because the repository's table backfill_journal is in use"
                            + " by the database's process \\d+ \\(dump\\), for \\d+ s");
            assertThat(journals.chunks("a")).isEqualTo(5);
        }

        impatient.drop("a");
        assertThat(journals.chunks("a")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void twoMayDropTheSame(TestDatabase.Kind kind) throws Exception {
        Journals journals = journals(kind);
        for (int i = 0; i < 5; i++) {
            String run = "run-" + i;
            journals.open(run);
            journals.fill(run, 1200);
            List<Future<?>> purges = List.of(start(() -> journals.space.drop(run)),
                    start(() -> journals.space.drop(run)));
            for (Future<?> purge : purges) {
                purge.get();
            }
            assertThat(journals.chunks(run)).isZero();
        }
    }

    /** Their rows are where they were, together. */
    private Journals withRunsOfBefore(String... runs) {
        Journals journals = new Journals(TestRepository.createOld(TestDatabase.Kind.POSTGRESQL, folder, "19"));
        open.add(journals);
        for (String run : runs) {
            journals.insertRun(run);
            journals.fill(run, 5);
        }
        journals.repository.bringUpToDate();
        return journals;
    }

    @Test
    void runsOfBeforeKeepTheirJournalsUntilTheLastOfThemGoes() {
        Journals journals = withRunsOfBefore("old", "older");
        journals.insertRun("new");
        journals.open("new");
        journals.fill("new", 3);
        assertThat(journals.texts(PARTITIONS)).containsExactly("backfill_journal_0", "backfill_journal_1");

        journals.space.drop("old");
        assertThat(journals.chunks("old")).isZero();
        assertThat(journals.chunks("older")).isEqualTo(5);
        assertThat(journals.texts(PARTITIONS)).contains("backfill_journal_0");

        journals.transactions
                .executeWithoutResult(_ -> journals.jdbc.sql("delete from backfill_run where name = 'old'").update());
        journals.space.drop("older");
        assertThat(journals.texts(PARTITIONS)).containsExactly("backfill_journal_1");
        assertThat(journals.texts("select run_name from backfill_journal_partition")).containsExactly("new");
        assertThat(journals.chunks("new")).isEqualTo(3);
    }

    @Test
    void aNewRunWithTheNameOfOneOfBeforeHasRoom() {
        Journals journals = withRunsOfBefore("old", "older");
        journals.space.drop("old");
        journals.open("old");
        journals.fill("old", 2);

        journals.space.drop("older");

        assertThat(journals.chunks("old")).isEqualTo(2);
        assertThat(journals.chunks("older")).isZero();
        journals.transactions
                .executeWithoutResult(_ -> journals.jdbc.sql("delete from backfill_run where name = 'older'").update());
        journals.space.drop("old");
        assertThat(journals.texts(PARTITIONS)).isEmpty();
        journals.open("old");
        journals.fill("old", 1);
        assertThat(journals.chunks("old")).isOne();
    }

    @Test
    void nobodyDropsThePartitionThatARunOfBeforeIsAboutToUse() throws Exception {
        Journals journals = withRunsOfBefore("old", "older");
        journals.space.drop("old");
        journals.transactions
                .executeWithoutResult(_ -> journals.jdbc.sql("delete from backfill_run where name = 'old'").update());

        Future<?> purge = journals.transactions.execute(_ -> {
            journals.jdbc.sql("""
                    insert into backfill_run (name, token, deployment_url, table_name, plan_text, plan_digest, state,
                      created_at) values ('old', 't', 'u', 'users', 'p', 'd', 'CREATED', current_timestamp)""")
                    .update();
            journals.space.open("old");
            Future<?> waiting = start(() -> journals.space.drop("older"));
            Awaitility.await().until(journals::isSomebodyWaiting);
            return waiting;
        });
        purge.get();

        journals.fill("old", 2);
        assertThat(journals.chunks("old")).isEqualTo(2);
        assertThat(journals.chunks("older")).isZero();
    }

    @Test
    void withoutRunsOfBeforeNothingIsKeptForThem() {
        assertThat(withRunsOfBefore().texts(PARTITIONS)).isEmpty();
    }
}
