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

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Journals that are in one table with others: their rows are deleted, so many in a transaction. Thread-safe. */
final class SharedJournals implements JournalSpace {

    private static final int ROWS_AT_ONCE = 1000;

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;

    SharedJournals(JdbcClient jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    @Override
    public void open(String run) {
        // the table is there
    }

    @Override
    public void drop(String run) {
        boolean mayBeMore = true;
        while (mayBeMore) {
            mayBeMore = transactions.execute(_ -> deleteSome(run));
        }
    }

    private record Place(int range, long sequence) {}

    private boolean deleteSome(String run) {
        // in the order of the key, so that nothing is looked at twice
        List<Place> places = jdbc.sql("""
                select range_number, sequence from backfill_journal where run_name = :run
                order by run_name, range_number, sequence, fence limit :limit""")
                .param("run", run).param("limit", ROWS_AT_ONCE)
                .query((row, _) -> new Place(row.getInt("range_number"), row.getLong("sequence"))).list();
        if (places.isEmpty()) {
            return false;
        }
        Place last = places.getLast();
        jdbc.sql("delete from backfill_journal where run_name = :run and range_number < :range").param("run", run)
                .param("range", last.range()).update();
        jdbc.sql("""
                delete from backfill_journal
                where run_name = :run and range_number = :range and sequence <= :sequence""").param("run", run)
                .param("range", last.range()).param("sequence", last.sequence()).update();
        return true;
    }
}
