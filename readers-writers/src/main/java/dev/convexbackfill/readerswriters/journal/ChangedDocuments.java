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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.readerswriters.journal.JournalStore.AppliedChunk;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** What a run and its replays have done, by the ids of the documents. Memory is bounded by a page, or some chunks. */
public final class ChangedDocuments {

    /** Chunks whose sizes are looked at together. */
    private static final int CHUNKS_AT_ONCE = 32;

    private final JdbcClient jdbc;
    private final JournalStore journal;
    private final TransactionOperations transactions;
    private final List<String> runs;
    private final List<String> only;

    private ChangedDocuments(JdbcClient jdbc, TransactionOperations transactions, List<String> runs,
            List<String> only) {
        this.jdbc = jdbc;
        this.journal = new JournalStore(jdbc);
        this.transactions = transactions;
        this.runs = runs;
        this.only = only;
    }

    /**
     * Those of a run and of the replays that it has by now.
     *
     * @param only ids of the only documents to look at; none for all
     */
    public static ChangedDocuments of(String run, List<String> only, JdbcClient jdbc,
            TransactionOperations transactions) {
        List<String> runs = transactions.execute(
                _ -> jdbc.sql("select name from backfill_run where name = :run or replay_of = :run order by name")
                        .param("run", run).query(String.class).list());
        return new ChangedDocuments(jdbc, transactions, runs, only.stream().sorted().distinct().toList());
    }

    /** The next changes in the order of ids: those after {@code after} and up to {@code through}; fewer than {@code limit} at the end. */
    public List<JournaledChange> next(@Nullable String after, @Nullable String through, int limit) {
        return stretch(after, through, limit).stream()
                .filter(change -> through == null || change.id().compareTo(through) <= 0).limit(limit).toList();
    }

    /**
     * All changes of the documents after one and up to the last that it returns, in the order of ids: at least {@code least}, unless
     * {@code through} or the end comes first; and what comes with them, also after {@code through}, as chunks are read whole.
     */
    public List<JournaledChange> stretch(@Nullable String after, @Nullable String through, int least) {
        if (!only.isEmpty()) {
            return nextOfOnly(after, through, least);
        }
        List<JournaledChange> found = new ArrayList<>();
        String from = after == null ? "" : after;
        while (found.size() < least && (through == null || from.compareTo(through) < 0)) {
            String to = lastOfNext(from, least - found.size());
            if (to == null) {
                break;
            }
            found.addAll(between(from, to));
            from = to;
        }
        return found;
    }

    /** All changes of the documents after one and up to another, in the order of ids; null are the ends of the table. */
    public List<JournaledChange> within(@Nullable String after, @Nullable String through) {
        // ids are lower-case letters and digits
        return between(after == null ? "" : after, through == null ? "~" : through);
    }

    private List<JournaledChange> nextOfOnly(@Nullable String after, @Nullable String through, int limit) {
        return only.stream().filter(id -> (after == null || id.compareTo(after) > 0)
                && (through == null || id.compareTo(through) <= 0))
                .flatMap(id -> of(List.of(id)).values().stream()).limit(limit).toList();
    }

    /** Those of some documents. Quick if they are near each other. */
    public Map<String, JournaledChange> of(Collection<String> ids) {
        Map<String, JournaledChange> all = new HashMap<>();
        if (!ids.isEmpty()) {
            String first = ids.stream().min(String::compareTo).orElseThrow();
            String last = ids.stream().max(String::compareTo).orElseThrow();
            Set<String> wanted = new HashSet<>(ids);
            read(first, true, last, change -> {
                if (wanted.contains(change.id())) {
                    all.put(change.id(), change);
                }
            });
        }
        return all;
    }

    /** Where the chunks end that hold about {@code documents} changes after a position; null if there are none. */
    private @Nullable String lastOfNext(String from, int documents) {
        record Size(String position, int documents) {}
        List<Size> sizes = new ArrayList<>();
        for (String run : runs) {
            // in this order H2, too, reads no more than it returns
            sizes.addAll(transactions.execute(_ -> jdbc.sql("""
                    select position, documents from backfill_journal
                    where run_name = :run and settled = true and position > :from
                    order by run_name, position limit :limit""")
                    .param("run", run).param("from", from).param("limit", CHUNKS_AT_ONCE)
                    .query((row, _) -> new Size(row.getString("position"), row.getInt("documents"))).list()));
        }
        sizes.sort(Comparator.comparing(Size::position));
        int sum = 0;
        for (Size size : sizes) {
            sum += size.documents();
            if (sum >= documents) {
                return size.position();
            }
        }
        return sizes.isEmpty() ? null : sizes.getLast().position();
    }

    private List<JournaledChange> between(String from, String to) {
        List<JournaledChange> found = new ArrayList<>();
        read(from, false, to, change -> {
            if (change.id().compareTo(from) > 0 && change.id().compareTo(to) <= 0) {
                found.add(change);
            }
        });
        return inOrder(found);
    }

    /** Nearly always they are already. */
    private static List<JournaledChange> inOrder(List<JournaledChange> changes) {
        for (int i = 1; i < changes.size(); i++) {
            if (changes.get(i - 1).id().compareTo(changes.get(i).id()) >= 0) {
                TreeMap<String, JournaledChange> sorted = new TreeMap<>();
                changes.forEach(change -> sorted.put(change.id(), change));
                return List.copyOf(sorted.values());
            }
        }
        return changes;
    }

    private interface Reader {

        void take(JournaledChange change);
    }

    /** All chunks that may hold documents between two ids, and others beside. */
    private void read(String from, boolean isFromIncluded, String to, Reader reader) {
        for (String run : runs) {
            List<AppliedChunk> chunks = transactions
                    .execute(_ -> journal.between(run, from, isFromIncluded, to));
            for (AppliedChunk chunk : chunks) {
                Set<String> skipped = new HashSet<>(chunk.skipped());
                List<JournaledChange> changes = new ArrayList<>();
                chunk.changes().forEach(change -> changes.add(JournaledChange
                        .of((ConvexObject) change)));
                changes.stream().filter(change -> !skipped.contains(change.id())).forEach(reader::take);
            }
        }
    }
}
