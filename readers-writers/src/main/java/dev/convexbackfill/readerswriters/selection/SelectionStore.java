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
package dev.convexbackfill.readerswriters.selection;

import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The documents that runs have found in an index or by a query of the app, by id, and how far each search is. A page of ids is stored together with
 * the place where the search goes on, so that a search can be interrupted anywhere. Each method is one short transaction.
 * Thread-safe.
 */
public final class SelectionStore {

    private final JdbcTemplate batch;
    private final JdbcClient jdbc;
    private final TransactionOperations transactions;

    public SelectionStore(JdbcTemplate jdbc, TransactionOperations transactions) {
        this.batch = jdbc;
        this.jdbc = JdbcClient.create(jdbc);
        this.transactions = transactions;
    }

    /**
     * How far a search is.
     *
     * @param cursor     where it goes on; null for the beginning
     * @param pass       how often all was gone through before
     * @param found      how many documents were found, each counted once
     * @param newInPass  how many of them in this pass
     * @param isComplete true if nothing more is to be looked for
     * @param version    grows with every change, so that of two searches only one goes on
     */
    public record Progress(@Nullable String cursor, int pass, long found, long newInPass, boolean isComplete,
            long version) {

        private static final Progress NONE = new Progress(null, 0, 0, 0, false, 0);

        /** At the next page of the same pass, or, for null, at the first page again. */
        Progress at(@Nullable String place) {
            return new Progress(place, pass, found, newInPass, isComplete, version);
        }

        Progress inNextPass() {
            return new Progress(null, pass + 1, found, 0, false, version);
        }

        Progress complete() {
            return new Progress(null, pass, found, newInPass, true, version);
        }

        private Progress with(long more) {
            return new Progress(cursor, pass, found + more, newInPass + more, isComplete, version + 1);
        }
    }

    /** How far the search of a run is. */
    public Progress progress(String run) {
        return transactions.execute(_ -> jdbc.sql("select * from backfill_selection where run_name = :run")
                .param("run", run)
                .query((row, _) -> new Progress(row.getString("search_cursor"), row.getInt("passes"),
                        row.getLong("found"), row.getLong("found_in_pass"), row.getBoolean("is_complete"),
                        row.getLong("version")))
                .optional().orElse(Progress.NONE));
    }

    /**
     * Stores documents that a search has found. Throws {@link IllegalStateException}, and stores nothing, if another process
     * goes on with the search.
     *
     * @param seen what {@link #progress} or this method returned last
     * @param ids  also such as are stored already
     * @param next makes, of the progress with these documents in it, that from which the search goes on
     */
    Progress add(String run, Progress seen, List<String> ids, UnaryOperator<Progress> next) {
        return transactions.execute(_ -> {
            int added = insert(run, ids);
            Progress now = next.apply(seen.with(added));
            if (!isSaved(run, seen, now)) {
                throw new IllegalStateException(
                        "Another process looks for the documents of run '%s'; this one has stopped".formatted(run));
            }
            return now;
        });
    }

    /** Returns how many were new. */
    private int insert(String run, List<String> ids) {
        int[] added = batch.batchUpdate("""
                insert into backfill_selected (run_name, document_id)
                select cast(? as varchar(60)), cast(? as varchar(40))
                where not exists (select 1 from backfill_selected where run_name = ? and document_id = ?)""",
                ids.stream().map(id -> new Object[]{run, id, run, id}).toList());
        int sum = 0;
        for (int one : added) {
            sum += one;
        }
        return sum;
    }

    private boolean isSaved(String run, Progress seen, Progress now) {
        String sql = seen.version() == 0 ? """
                insert into backfill_selection
                  (run_name, search_cursor, passes, found, found_in_pass, is_complete, version)
                values (:run, :cursor, :passes, :found, :foundInPass, :isComplete, :version)""" : """
                update backfill_selection set search_cursor = :cursor, passes = :passes, found = :found,
                  found_in_pass = :foundInPass, is_complete = :isComplete, version = :version
                where run_name = :run and version = :seen""";
        JdbcClient.StatementSpec statement = jdbc.sql(sql)
                .param("run", run).param("cursor", now.cursor()).param("passes", now.pass())
                .param("found", now.found()).param("foundInPass", now.newInPass())
                .param("isComplete", now.isComplete()).param("version", now.version());
        return (seen.version() == 0 ? statement : statement.param("seen", seen.version())).update() == 1;
    }

    /** Ids of a run in their order, at most {@code limit}: those after {@code after} and up to {@code through}. */
    public List<String> next(String run, @Nullable String after, @Nullable String through, int limit) {
        // by the columns of the primary key: by the id alone H2 would sort all that follows, for every page
        return transactions.execute(_ -> jdbc.sql("""
                select document_id from backfill_selected
                where run_name = :run and document_id > :after and document_id <= :through
                order by run_name, document_id limit :limit""")
                .param("run", run)
                // ids are lower-case letters and digits
                .param("after", after == null ? "" : after)
                .param("through", through == null ? "~" : through)
                .param("limit", limit)
                .query(String.class).list());
    }
}
