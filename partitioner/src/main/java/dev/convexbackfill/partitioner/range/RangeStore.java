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
package dev.convexbackfill.partitioner.range;

import dev.convexbackfill.partitioner.ledger.LedgerEntry;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The ranges of runs in the job repository. Each method is one short transaction of its own, also where it only reads: inside
 * a chunk of Spring Batch a connection that is not returned by a transaction is held until the chunk ends. Thread-safe.
 */
public final class RangeStore {

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;

    public RangeStore(JdbcClient jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /**
     * A range and what the repository knows of it, which follows the ledger.
     *
     * @param ledger    the id of its ledger row; null until the ledger is open
     * @param fence     its newest owner
     * @param unsettled documents that the last chunk left to settle
     */
    public record RangeRow(Range range, @Nullable String ledger, long fence, @Nullable String position, boolean isDone,
            Counts counts, int unsettled) {

        /** How much of it is done, from 0 to 1. */
        public double fraction() {
            return isDone ? 1 : range.fractionAt(position);
        }
    }

    /** Stores a run's ranges, unless it has some already: what was stored first stays for ever. */
    public void create(String run, List<Range> ranges) {
        transactions.executeWithoutResult(_ -> {
            if (!list(run).isEmpty()) {
                return;
            }
            for (Range range : ranges) {
                jdbc.sql("""
                        insert into backfill_range (run_name, range_number, after_id, through_id, position)
                        values (:run, :number, :after, :through, :after)""")
                        .param("run", run)
                        .param("number", range.number())
                        .param("after", range.after())
                        .param("through", range.through())
                        .update();
            }
        });
    }

    /** Stores the ids of a run's ledger rows, by range number. */
    public void setLedger(String run, List<String> ledger) {
        transactions.executeWithoutResult(_ -> {
            for (int number = 0; number < ledger.size(); number++) {
                jdbc.sql(
                        "update backfill_range set ledger_id = :ledger where run_name = :run and range_number = :number")
                        .param("ledger", ledger.get(number)).param("run", run).param("number", number).update();
            }
        });
    }

    /** A run's ranges by number. */
    public List<RangeRow> list(String run) {
        return transactions.execute(
                _ -> jdbc.sql("select * from backfill_range where run_name = :run order by range_number")
                        .param("run", run).query(RangeStore::row).list());
    }

    /** One range. */
    public RangeRow get(String run, int number) {
        return transactions.execute(
                _ -> jdbc.sql("select * from backfill_range where run_name = :run and range_number = :number")
                        .param("run", run).param("number", number).query(RangeStore::row).single());
    }

    private static RangeRow row(ResultSet row, int index) throws SQLException {
        Range range = new Range(row.getInt("range_number"), row.getString("after_id"), row.getString("through_id"));
        Counts counts = new Counts(row.getLong("documents_read"), row.getLong("changed"), row.getLong("unchanged"),
                row.getLong("deleted"), row.getLong("quarantined"), row.getLong("conflicts"));
        return new RangeRow(range, row.getString("ledger_id"), row.getLong("fence"), row.getString("position"),
                row.getBoolean("is_done"), counts, row.getInt("unsettled"));
    }

    /** How many documents of a run are in quarantine, as far as the repository knows. */
    public long quarantined(String run) {
        return transactions.execute(
                _ -> jdbc.sql("select coalesce(sum(quarantined), 0) from backfill_range where run_name = :run")
                        .param("run", run).query(Long.class).single());
    }

    /** How many documents of a run were read, as far as the repository knows. */
    public long read(String run) {
        return transactions.execute(
                _ -> jdbc.sql("select coalesce(sum(documents_read), 0) from backfill_range where run_name = :run")
                        .param("run", run).query(Long.class).single());
    }

    /** Makes {@code fence} the owner of the range. Returns false, and changes nothing, if a newer one is. */
    public boolean own(String run, int number, long fence) {
        return transactions.execute(_ -> jdbc.sql("""
                update backfill_range set fence = :fence
                where run_name = :run and range_number = :number and fence <= :fence""")
                .param("fence", fence).param("run", run).param("number", number).update() == 1);
    }

    /** Follows the ledger; older news than what is known changes nothing. */
    public void follow(String run, LedgerEntry entry) {
        Counts counts = entry.counts();
        transactions.executeWithoutResult(_ -> jdbc.sql("""
                update backfill_range set sequence = :sequence, position = :position, is_done = :isDone,
                  documents_read = :read, changed = :changed, unchanged = :unchanged, deleted = :deleted,
                  quarantined = :quarantined, conflicts = :conflicts, unsettled = :unsettled
                where run_name = :run and range_number = :number and sequence <= :sequence""")
                .param("sequence", entry.sequence())
                .param("position", entry.position())
                .param("isDone", entry.isDone())
                .param("read", counts.read())
                .param("changed", counts.changed())
                .param("unchanged", counts.unchanged())
                .param("deleted", counts.deleted())
                .param("quarantined", counts.quarantined())
                .param("conflicts", counts.conflicts())
                .param("unsettled", entry.unsettled().size())
                .param("run", run)
                .param("number", entry.range())
                .update());
    }

    /**
     * Moves the position of a range that no ledger keeps, and counts more documents. Returns false, and changes nothing, unless
     * {@code fence} owns the range and {@code from} is its position. The caller may have a transaction open.
     *
     * @param isDone true if the range ends there
     */
    public boolean advance(String run, int number, long fence, @Nullable String from, @Nullable String to,
            boolean isDone, Counts more) {
        return transactions.execute(_ -> jdbc
                .sql("""
                        update backfill_range set position = :to, is_done = :isDone, sequence = sequence + 1,
                          documents_read = documents_read + :read, changed = changed + :changed, unchanged = unchanged + :unchanged,
                          deleted = deleted + :deleted, quarantined = quarantined + :quarantined
                        where run_name = :run and range_number = :number and fence = :fence and is_done = false
                          and coalesce(position, '') = :from""")
                .param("to", to).param("isDone", isDone).param("read", more.read()).param("changed", more.changed())
                .param("unchanged", more.unchanged()).param("deleted", more.deleted())
                .param("quarantined", more.quarantined()).param("run", run).param("number", number)
                .param("fence", fence).param("from", from == null ? "" : from).update() == 1);
    }
}
