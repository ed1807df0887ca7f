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
package dev.convexbackfill.job.canary;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The canaries of a repository. Each method is one short transaction, or a part of the caller's. What moves a canary on is a
 * compare-and-set: it returns false, and changes nothing, if the canary is not where it was thought to be. Thread-safe.
 */
public final class CanaryStore {

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;

    public CanaryStore(JdbcClient jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /** Gives a run that has not begun a canary. */
    public void create(String run, CanarySize asked, boolean isAutoApproved) {
        transactions.executeWithoutResult(_ -> jdbc.sql("""
                insert into backfill_canary (run_name, asked, is_auto_approved, phase)
                values (:run, :asked, :auto, 'MIGRATING')""")
                .param("run", run).param("asked", asked.toString()).param("auto", isAutoApproved).update());
    }

    /** The canary of a run; empty if it has none. */
    public Optional<Canary> find(String run) {
        return transactions.execute(_ -> jdbc.sql("select * from backfill_canary where run_name = :run")
                .param("run", run).query(CanaryStore::row).optional());
    }

    /** The canary that a verification is a part of; empty if it is none of a canary's. */
    public Optional<Canary> findByVerification(String verification) {
        return transactions.execute(_ -> jdbc.sql("select * from backfill_canary where verification = :run")
                .param("run", verification).query(CanaryStore::row).optional());
    }

    private static Canary row(ResultSet row, int index) throws SQLException {
        String asked = row.getString("asked");
        Long documents = row.getObject("documents", Long.class);
        OffsetDateTime approvedAt = row.getObject("approved_at", OffsetDateTime.class);
        return new Canary(row.getString("run_name"),
                CanarySize.parse(asked).orElseThrow(
                        () -> new IllegalStateException("A canary of '%s' is none".formatted(asked))),
                row.getBoolean("is_auto_approved"), CanaryPhase.valueOf(row.getString("phase")),
                documents == null ? null
                        : new CanarySlice(documents, row.getObject("of_documents", Long.class),
                                row.getBoolean("is_estimate")),
                row.getString("verification"), row.getObject("mismatches", Long.class),
                approvedAt == null ? null
                        : new Canary.Approval(row.getString("approved_by"), approvedAt.toInstant()));
    }

    /** Stores the slice; the first that is stored stays. */
    public void setSlice(String run, CanarySlice slice) {
        transactions.executeWithoutResult(_ -> jdbc.sql("""
                update backfill_canary set documents = :documents, of_documents = :of, is_estimate = :estimate
                where run_name = :run and documents is null""")
                .param("documents", slice.documents()).param("of", slice.ofDocuments())
                .param("estimate", slice.isEstimate()).param("run", run).update());
    }

    /** All documents of the slice are accounted for. */
    public void setMigrated(String run) {
        move(run, CanaryPhase.MIGRATING, CanaryPhase.MIGRATED);
    }

    /** Stores which run verifies the slice. */
    public void setVerification(String run, String verification) {
        transactions.executeWithoutResult(_ -> jdbc.sql("""
                update backfill_canary set verification = :verification where run_name = :run and phase = 'MIGRATED'""")
                .param("verification", verification).param("run", run).update());
    }

    /** The slice is verified, with so much found to be wrong. */
    public void setVerified(String run, long mismatches) {
        transactions.executeWithoutResult(_ -> {
            if (move(run, CanaryPhase.MIGRATED, CanaryPhase.WAITING)) {
                jdbc.sql("update backfill_canary set mismatches = :mismatches where run_name = :run")
                        .param("mismatches", mismatches).param("run", run).update();
            }
        });
    }

    /** Lets the run go on. Returns false, and changes nothing, unless it waits: of two who approve, one does. */
    public boolean approve(String run, String by) {
        return transactions.execute(_ -> {
            boolean waited = move(run, CanaryPhase.WAITING, CanaryPhase.APPROVED);
            if (waited) {
                jdbc.sql("""
                        update backfill_canary set approved_by = :by, approved_at = current_timestamp
                        where run_name = :run""").param("by", by).param("run", run).update();
            }
            return waited;
        });
    }

    private boolean move(String run, CanaryPhase from, CanaryPhase to) {
        return transactions.execute(_ -> jdbc.sql(
                "update backfill_canary set phase = :to where run_name = :run and phase = :from")
                .param("to", to.name()).param("run", run).param("from", from.name()).update()) == 1;
    }
}
