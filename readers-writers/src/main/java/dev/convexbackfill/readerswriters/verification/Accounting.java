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
package dev.convexbackfill.readerswriters.verification;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.ledger.Ledger.RunLedger;
import dev.convexbackfill.partitioner.ledger.LedgerEntry;
import dev.convexbackfill.partitioner.range.RangeStore;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Holds what a run says of itself in one place against what it says in the others. */
public final class Accounting {

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final RangeStore ranges;
    private final Ledger ledger;

    public Accounting(JdbcClient jdbc, TransactionOperations transactions, RangeStore ranges, Ledger ledger) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.ranges = ranges;
        this.ledger = ledger;
    }

    /**
     * A run to look at.
     *
     * @param token      proves to the ledger who started it
     * @param isComplete false if it may go on: then the ledger may be ahead of the repository
     * @param isReplayed true if replays have taken documents out of its quarantine
     * @param isRollback true if its ranges may be only some of the table's, and documents of which it has undone a part are in its
     *                   quarantine, too
     */
    public record Account(String run, String token, Write write, boolean isComplete, boolean isReplayed,
            boolean isRollback) {}

    /**
     * What was found.
     *
     * @param brokenRanges whose journal has fewer changes than were made
     */
    public record Result(List<Mismatch> mismatches, Set<Integer> brokenRanges) {

        public Result {
            mismatches = List.copyOf(mismatches);
            brokenRanges = Set.copyOf(brokenRanges);
        }
    }

    /** Looks at one run. */
    public Result check(Account account) {
        List<RangeRow> rows = ranges.list(account.run());
        List<Mismatch> wrong = new ArrayList<>(account.isRollback() ? List.of() : cover(account.run(), rows));
        wrong.addAll(ledger(account, rows));
        Set<Integer> broken = new TreeSet<>();
        wrong.addAll(journal(account, rows, broken));
        if (account.isComplete()) {
            wrong.addAll(quarantine(account, rows));
        }
        if (account.write() instanceof Write.InsertInto) {
            wrong.addAll(copies(account, rows));
        }
        return new Result(wrong, broken);
    }

    /** The ranges must follow each other from the beginning of the table to its end. */
    static List<Mismatch> cover(String run, List<RangeRow> rows) {
        List<Mismatch> wrong = new ArrayList<>();
        String end = null;
        boolean ended = false;
        boolean isFirst = true;
        for (RangeRow row : rows) {
            String after = row.range().after();
            boolean follows = isFirst ? after == null : !ended && Objects.equals(after, end);
            if (!follows) {
                wrong.add(Mismatch.ofRun(MismatchKind.MISSING_RANGE, isFirst ? "the beginning of the table" : end,
                        after == null ? "the beginning of the table" : after,
                        "Range %d of run '%s' does not begin where the one before ends: documents between belong to no range, or to two"
                                .formatted(row.range().number(), run)));
            }
            isFirst = false;
            end = row.range().through();
            ended = end == null;
        }
        if (!ended) {
            wrong.add(Mismatch.ofRun(MismatchKind.MISSING_RANGE, "the end of the table", end,
                    isFirst ? "Run '%s' has no ranges".formatted(run)
                            : "The last range of run '%s' ends before the table does".formatted(run)));
        }
        return wrong;
    }

    private List<Mismatch> ledger(Account account, List<RangeRow> rows) {
        RunLedger read = ledger.read(account.run()).orElse(null);
        if (read == null) {
            return List.of(Mismatch.ofRun(MismatchKind.LEDGER_DIFFERS, "a ledger", "none",
                    "The deployment has no ledger of run '%s'".formatted(account.run())));
        }
        List<Mismatch> wrong = new ArrayList<>();
        if (!read.token().equals(account.token())) {
            wrong.add(Mismatch.ofRun(MismatchKind.LEDGER_DIFFERS, null, null,
                    "The deployment's ledger of '%s' belongs to a run that another repository has started"
                            .formatted(account.run())));
        }
        if (account.isRollback() && read.entries().size() != rows.size()) {
            wrong.add(Mismatch.ofRun(MismatchKind.MISSING_RANGE, read.entries().size(), rows.size(),
                    "The ledger has %d ranges of run '%s', and the repository %d".formatted(read.entries().size(),
                            account.run(), rows.size())));
        }
        Map<Integer, Long> sequences = sequences(account.run());
        for (RangeRow row : rows) {
            int number = row.range().number();
            LedgerEntry entry = number < read.entries().size() ? read.entries().get(number) : null;
            String difference = difference(account, row, sequences.getOrDefault(number, 0L), entry);
            if (difference != null) {
                wrong.add(Mismatch.ofRun(MismatchKind.LEDGER_DIFFERS, text(row), entry == null ? "no row" : text(entry),
                        "Range %d of run '%s': %s".formatted(number, account.run(), difference)));
            }
        }
        return wrong;
    }

    /** Null if there is none. */
    private static @Nullable String difference(Account account, RangeRow row, long sequence,
            @Nullable LedgerEntry entry) {
        if (entry == null) {
            return "the ledger has no row for it";
        }
        if (!account.isComplete() && entry.sequence() > sequence) {
            return null;
        }
        if (entry.sequence() != sequence) {
            return "the ledger has %d chunks, and the repository %d".formatted(entry.sequence(), sequence);
        }
        if (!entry.counts().equals(row.counts()) || entry.isDone() != row.isDone()
                || !Objects.equals(entry.position(), row.position())) {
            return "the ledger says something else than the repository";
        }
        return account.isComplete() && !entry.isComplete() ? "the ledger does not account for all that was read" : null;
    }

    private static String text(RangeRow row) {
        return row.counts() + (row.isDone() ? ", done" : ", up to " + row.position());
    }

    private static String text(LedgerEntry entry) {
        return entry.counts() + (entry.isDone() ? ", done" : ", up to " + entry.position());
    }

    private Map<Integer, Long> sequences(String run) {
        return numbers("select range_number, sequence as n from backfill_range where run_name = :run", run);
    }

    private Map<Integer, Long> numbers(String sql, String run) {
        Map<Integer, Long> numbers = new HashMap<>();
        transactions.executeWithoutResult(_ -> jdbc.sql(sql).param("run", run).query(row -> {
            numbers.put(row.getInt("range_number"), row.getLong("n"));
        }));
        return numbers;
    }

    private List<Mismatch> journal(Account account, List<RangeRow> rows, Set<Integer> broken) {
        Map<Integer, Long> journaled = numbers("""
                select range_number, sum(documents) as n from backfill_journal where run_name = :run and settled = true
                group by range_number""", account.run());
        Map<Integer, Long> skipped = new HashMap<>();
        transactions.executeWithoutResult(_ -> jdbc.sql("""
                select range_number, skipped from backfill_journal
                where run_name = :run and settled = true and skipped is not null""").param("run", account.run())
                .query(row -> {
                    long size = ((ConvexArray) ConvexJson.decode(row.getString("skipped"))).size();
                    skipped.merge(row.getInt("range_number"), size, Long::sum);
                }));
        List<Mismatch> wrong = new ArrayList<>();
        for (RangeRow row : rows) {
            int number = row.range().number();
            long has = journaled.getOrDefault(number, 0L) - skipped.getOrDefault(number, 0L);
            if (has != row.counts().changed()) {
                if (has < row.counts().changed()) {
                    broken.add(number);
                }
                wrong.add(Mismatch.ofRun(MismatchKind.JOURNAL_DIFFERS, row.counts().changed(), has,
                        "Range %d of run '%s' has changed %d documents, and the journal has %d of them".formatted(
                                number,
                                account.run(), row.counts().changed(), has)));
            }
        }
        return wrong;
    }

    private List<Mismatch> quarantine(Account account, List<RangeRow> rows) {
        long counted = rows.stream().mapToLong(row -> row.counts().quarantined()).sum();
        long has = count("select count(*) from backfill_quarantine where run_name = :run", account.run());
        boolean fits = account.isReplayed() ? has <= counted : account.isRollback() ? has >= counted : has == counted;
        return fits ? List.of()
                : List.of(Mismatch.ofRun(MismatchKind.QUARANTINE_DIFFERS, counted, has,
                        "Run '%s' has put %d documents into quarantine, and %d are there".formatted(account.run(),
                                counted, has)));
    }

    private List<Mismatch> copies(Account account, List<RangeRow> rows) {
        long counted = rows.stream().mapToLong(row -> row.counts().changed()).sum();
        long has = count("select count(*) from backfill_id_mapping where run_name = :run", account.run());
        return counted == has ? List.of()
                : List.of(Mismatch.ofRun(MismatchKind.COPIES_DIFFER, counted, has,
                        "Run '%s' has inserted %d documents, and the repository knows %d of their ids".formatted(
                                account.run(), counted, has)));
    }

    private long count(String sql, String run) {
        return transactions.execute(_ -> jdbc.sql(sql).param("run", run).query(Long.class).single());
    }
}
