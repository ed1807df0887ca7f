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
package dev.convexbackfill.readerswriters.quarantine;

import dev.convexbackfill.partitioner.ledger.Chunk;
import dev.convexbackfill.partitioner.ledger.LedgerEntry;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Documents that a run could not change. They are stored before the chunk that counts them is sent, and count with it. The
 * caller has a transaction open. Thread-safe.
 */
public final class QuarantineStore {

    private final JdbcClient jdbc;

    public QuarantineStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Stores the documents that {@code chunk} counts; the newest word on a document stays. */
    public void record(String run, int range, Chunk chunk, String planDigest, List<QuarantinedDocument> documents) {
        for (QuarantinedDocument document : documents) {
            jdbc.sql("delete from backfill_quarantine where run_name = :run and document_id = :id")
                    .param("run", run).param("id", document.id()).update();
            jdbc.sql("""
                    insert into backfill_quarantine
                      (run_name, document_id, range_number, sequence, fence, reason, message, plan_digest, created_at)
                    values (:run, :id, :range, :sequence, :fence, :reason, :message, :digest, current_timestamp)""")
                    .param("run", run)
                    .param("id", document.id())
                    .param("range", range)
                    .param("sequence", chunk.sequence())
                    .param("fence", chunk.fence())
                    .param("reason", document.reason().name())
                    .param("message", document.message())
                    .param("digest", planDigest)
                    .update();
        }
    }

    /** Deletes what was recorded for chunks that the ledger does not have; nobody can apply them any more. */
    public void deleteVoid(String run, LedgerEntry entry) {
        jdbc.sql("""
                delete from backfill_quarantine
                where run_name = :run and range_number = :range
                  and (sequence > :sequence or (sequence = :sequence and fence <> :appliedBy))""")
                .param("run", run).param("range", entry.range()).param("sequence", entry.sequence())
                .param("appliedBy", entry.appliedBy())
                .update();
    }

    /** The first {@code limit} documents of a run by id. */
    public List<QuarantinedDocument> list(String run, int limit) {
        return jdbc.sql("""
                select document_id, reason, message from backfill_quarantine where run_name = :run
                order by document_id limit :limit""")
                .param("run", run).param("limit", limit)
                .query((row, _) -> new QuarantinedDocument(row.getString("document_id"),
                        Reason.valueOf(row.getString("reason")), row.getString("message")))
                .list();
    }
}
