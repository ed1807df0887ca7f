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
package dev.convexbackfill.job.reference;

import dev.convexbackfill.job.reference.SearchState.Field;
import dev.convexbackfill.job.reference.SearchState.Table;
import dev.convexbackfill.job.reference.SearchState.TableState;
import dev.convexbackfill.partitioner.dispatch.ProcessName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Searches for references, one of each rollback. What a process stores is refused when another has become the owner since. Each
 * method is one short transaction. Thread-safe.
 */
public final class ReferenceStore {

    /** How many references of a field are kept one by one. */
    public static final int KEPT = 100;

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;

    public ReferenceStore(JdbcClient jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /** What came of the wish to do a search. */
    sealed interface Claim {

        /** It is this process's, until another claims it. */
        record Owned(long fence) implements Claim {}

        /** Another process does it. */
        record Held(String holder, Duration silent) implements Claim {}

        /** There is nothing left to do. */
        record Complete() implements Claim {}
    }

    /** What an owner learns when it says that it lives. */
    enum Answer {
        GO_ON, STOP, LOST
    }

    private record Row(long fence, @Nullable String holder, Duration silent, Instant beganAt,
            @Nullable Instant endedAt) {

        boolean isFree(Duration lease) {
            return holder == null || silent.compareTo(lease) > 0
                    || ProcessName.parse(holder).filter(ProcessName::isKnownDead).isPresent();
        }
    }

    /**
     * Makes this process the owner, unless the search is complete or its owner may be alive.
     *
     * @param again begins anew, also a complete one
     */
    Claim claim(String run, boolean again, Duration lease) {
        create(run);
        return transactions.execute(_ -> {
            Row row = row(run, " for update").orElseThrow(
                    () -> new IllegalStateException("The run '%s' was purged meanwhile".formatted(run)));
            if (!row.isFree(lease)) {
                return new Claim.Held(String.valueOf(row.holder()), row.silent());
            }
            if (row.endedAt() != null && !again) {
                return new Claim.Complete();
            }
            if (again) {
                for (String table : List.of("backfill_reference_table", "backfill_reference_field",
                        "backfill_reference")) {
                    jdbc.sql("delete from %s where run_name = :run".formatted(table)).param("run", run).update();
                }
            }
            jdbc.sql("""
                    update backfill_reference_search
                    set fence = :fence, holder = :holder, seen_at = current_timestamp, stop_requested = false,
                      began_at = case when :again then current_timestamp else began_at end, ended_at = null
                    where run_name = :run""")
                    .param("fence", row.fence() + 1).param("holder", ProcessName.current().toString())
                    .param("again", again).param("run", run).update();
            return new Claim.Owned(row.fence() + 1);
        });
    }

    private void create(String run) {
        try {
            transactions.executeWithoutResult(_ -> jdbc.sql("""
                    insert into backfill_reference_search (run_name, fence, stop_requested, began_at)
                    select name, 0, false, current_timestamp from backfill_run where name = :run
                      and not exists (select 1 from backfill_reference_search where run_name = :run)""")
                    .param("run", run).update());
        } catch (DuplicateKeyException _) {
            // another process has begun it at the same time
        }
    }

    private Optional<Row> row(String run, String lock) {
        return jdbc.sql("""
                select fence, holder, seen_at, began_at, ended_at, current_timestamp as now
                from backfill_reference_search where run_name = :run""" + lock)
                .param("run", run).query(ReferenceStore::row).optional();
    }

    private static Row row(ResultSet row, int index) throws SQLException {
        OffsetDateTime seen = row.getObject("seen_at", OffsetDateTime.class);
        OffsetDateTime ended = row.getObject("ended_at", OffsetDateTime.class);
        return new Row(row.getLong("fence"), row.getString("holder"),
                seen == null ? Duration.ZERO : Duration.between(seen, row.getObject("now", OffsetDateTime.class)),
                row.getObject("began_at", OffsetDateTime.class).toInstant(), ended == null ? null : ended.toInstant());
    }

    /** The owner lives. */
    Answer sign(String run, long fence) {
        return transactions.execute(_ -> {
            if (!own(run, fence)) {
                return Answer.LOST;
            }
            return jdbc.sql("select stop_requested from backfill_reference_search where run_name = :run")
                    .param("run", run).query(Boolean.class).single() ? Answer.STOP : Answer.GO_ON;
        });
    }

    /** True if the owner is still that one; then nobody else becomes it before the caller's transaction ends. */
    private boolean own(String run, long fence) {
        return jdbc.sql("""
                update backfill_reference_search set seen_at = current_timestamp
                where run_name = :run and fence = :fence and holder is not null""")
                .param("run", run).param("fence", fence).update() == 1;
    }

    /** The owner lets it go, complete or not. */
    boolean release(String run, long fence, boolean isComplete) {
        return transactions.execute(_ -> jdbc.sql("""
                update backfill_reference_search set holder = null, stop_requested = false,
                  ended_at = case when :complete then current_timestamp else ended_at end
                where run_name = :run and fence = :fence and holder is not null""")
                .param("complete", isComplete).param("run", run).param("fence", fence).update() == 1);
    }

    /** Asks the owner to stop. Returns false if there is none that may be alive. */
    public boolean requestStop(String run, Duration lease) {
        return transactions.execute(_ -> {
            boolean isHeld = row(run, " for update").filter(row -> !row.isFree(lease)).isPresent();
            if (isHeld) {
                jdbc.sql("update backfill_reference_search set stop_requested = true where run_name = :run")
                        .param("run", run).update();
            }
            return isHeld;
        });
    }

    /** Whether a process does the search that may be alive. */
    public boolean isHeld(String run, Duration lease) {
        return transactions.execute(_ -> row(run, "").filter(row -> !row.isFree(lease)).isPresent());
    }

    /**
     * Stores which tables there are, and whether they can hold references. What is known of a table stays, but one that could hold none
     * when the search began is read if now it can. Returns false, and stores nothing, if another is the owner.
     */
    boolean addTables(String run, long fence, Map<String, Boolean> mayHold) {
        return transactions.execute(_ -> {
            if (!own(run, fence)) {
                return false;
            }
            List<String> known = tables(run).stream().map(Table::name).toList();
            mayHold.forEach((table, may) -> {
                TableState state = may ? TableState.TO_READ : TableState.EXEMPT;
                if (!known.contains(table)) {
                    jdbc.sql("""
                            insert into backfill_reference_table (run_name, table_name, state, documents)
                            values (:run, :table, :state, 0)""")
                            .param("run", run).param("table", table).param("state", state.name()).update();
                } else if (may) {
                    jdbc.sql("""
                            update backfill_reference_table set state = 'TO_READ'
                            where run_name = :run and table_name = :table and state = 'EXEMPT'""")
                            .param("run", run).param("table", table).update();
                }
            });
            return true;
        });
    }

    /**
     * Stores what was found in the next documents of a table, and that they are read. Returns false, and stores nothing, if another
     * is the owner.
     *
     * @param to     the last of them; null if there was none
     * @param isLast true if no document follows
     */
    boolean record(String run, long fence, String table, @Nullable String to, long documents, PageFindings found,
            boolean isLast) {
        return transactions.execute(_ -> {
            if (!own(run, fence)) {
                return false;
            }
            jdbc.sql("""
                    update backfill_reference_table
                    set position = coalesce(:to, position), documents = documents + :documents, state = :state
                    where run_name = :run and table_name = :table""")
                    .param("to", to).param("documents", documents)
                    .param("state", (isLast ? TableState.READ : TableState.TO_READ).name()).param("run", run)
                    .param("table", table).update();
            found.fields().forEach((field, in) -> add(run, table, field, in));
            return true;
        });
    }

    private void add(String run, String table, String field, PageFindings.InField in) {
        long before = jdbc.sql("""
                select found from backfill_reference_field
                where run_name = :run and table_name = :table and field = :field""")
                .param("run", run).param("table", table).param("field", field).query(Long.class).optional().orElse(0L);
        jdbc.sql(before == 0 ? """
                insert into backfill_reference_field (run_name, table_name, field, documents, found)
                values (:run, :table, :field, :documents, :found)""" : """
                update backfill_reference_field set documents = documents + :documents, found = found + :found
                where run_name = :run and table_name = :table and field = :field""")
                .param("run", run).param("table", table).param("field", field).param("documents", in.documents())
                .param("found", in.references()).update();
        for (int i = 0; i < in.first().size() && before + i < KEPT; i++) {
            FoundReference reference = in.first().get(i);
            jdbc.sql(
                    """
                            insert into backfill_reference (run_name, table_name, field, reference_number, document_id, old_id, new_id)
                            values (:run, :table, :field, :number, :document, :old, :new)""")
                    .param("run", run).param("table", table).param("field", field).param("number", before + i + 1)
                    .param("document", reference.document()).param("old", reference.oldId())
                    .param("new", reference.newId()).update();
        }
    }

    /** How far the search of a rollback is; empty if there was none. */
    public Optional<SearchState> find(String run) {
        return transactions.execute(_ -> row(run, "").map(row -> new SearchState(row.holder(), row.silent(),
                row.beganAt(), row.endedAt(), tables(run), fields(run))));
    }

    private List<Table> tables(String run) {
        return jdbc.sql("""
                select table_name, state, position, documents from backfill_reference_table
                where run_name = :run order by table_name""")
                .param("run", run)
                .query((row, _) -> new Table(row.getString("table_name"), TableState.valueOf(row.getString("state")),
                        row.getString("position"), row.getLong("documents")))
                .list();
    }

    private List<Field> fields(String run) {
        return jdbc.sql("""
                select table_name, field, documents, found from backfill_reference_field
                where run_name = :run order by table_name, field""")
                .param("run", run).query((row, _) -> new Field(row.getString("table_name"), row.getString("field"),
                        row.getLong("documents"), row.getLong("found")))
                .list();
    }

    /** The first references of a field, at most {@link #KEPT} and at most {@code limit}. */
    public List<FoundReference> references(String run, Field field, int limit) {
        return transactions.execute(_ -> new ArrayList<>(jdbc
                .sql("""
                        select document_id, old_id, new_id from backfill_reference
                        where run_name = :run and table_name = :table and field = :field order by reference_number limit :limit""")
                .param("run", run).param("table", field.table()).param("field", field.name()).param("limit", limit)
                .query((row, _) -> new FoundReference(field.table(), field.name(), row.getString("document_id"),
                        row.getString("old_id"), row.getString("new_id")))
                .list()));
    }
}
