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
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Skip;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Documents that a run could not change. They are stored before the chunk that counts them is sent, and count with it. The
 * caller has a transaction open. Thread-safe.
 */
public final class QuarantineStore {

    private static final int IDS_AT_ONCE = 1000;
    private static final String FAMILY = "run_name in (select name from backfill_run where name = :run or replay_of = :run)";

    private final JdbcClient jdbc;

    public QuarantineStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Stores the documents that {@code chunk} counts; the newest word on a document stays. */
    public void record(String run, int range, Chunk chunk, String planDigest, List<QuarantinedDocument> documents) {
        record(run, range, chunk.sequence(), chunk.fence(), planDigest, documents);
    }

    private void record(String run, int range, long sequence, long fence, String planDigest,
            List<QuarantinedDocument> documents) {
        for (QuarantinedDocument document : documents) {
            jdbc.sql("delete from backfill_quarantine where run_name = :run and document_id = :id")
                    .param("run", run).param("id", document.id()).update();
            jdbc.sql("""
                    insert into backfill_quarantine
                      (run_name, document_id, range_number, sequence, fence, reason, message, input_digest, plan_digest,
                       created_at)
                    values (:run, :id, :range, :sequence, :fence, :reason, :message, :input, :digest,
                      current_timestamp)""")
                    .param("run", run)
                    .param("id", document.id())
                    .param("range", range)
                    .param("sequence", sequence)
                    .param("fence", fence)
                    .param("reason", document.reason().name())
                    .param("message", document.message())
                    .param("input", document.input())
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

    /** Deletes what the ledger's last chunk recorded of documents that it then left alone: they are looked at again. */
    public void deleteSkipped(String run, LedgerEntry entry) {
        List<String> skipped = entry.skipped().stream().map(Skip::id).toList();
        if (!skipped.isEmpty()) {
            jdbc.sql(
                    """
                            delete from backfill_quarantine
                            where run_name = :run and range_number = :range and sequence = :sequence and document_id in (:ids)""")
                    .param("run", run).param("range", entry.range()).param("sequence", entry.sequence())
                    .param("ids", skipped).update();
        }
    }

    /**
     * A document in quarantine as it is listed.
     *
     * @param run        which has put it there
     * @param planDigest of the plan that could not change it
     */
    public record Row(QuarantinedDocument document, String run, String planDigest, Instant at) {}

    /** How many documents are in quarantine for a reason. */
    public record ReasonCount(Reason reason, long documents) {}

    /** A run, if it has documents in quarantine, and its replays that have. */
    public List<String> runs(String run) {
        return jdbc.sql("""
                select r.name from backfill_run r where (r.name = :run or r.replay_of = :run)
                  and exists (select 1 from backfill_quarantine q where q.run_name = r.name)
                order by r.created_at, r.name""")
                .param("run", run).query((row, _) -> row.getString("name")).list();
    }

    /** How many documents a run and its replays have left in quarantine. */
    public long count(String run) {
        return jdbc.sql("select count(*) from backfill_quarantine where " + FAMILY).param("run", run)
                .query(Long.class).single();
    }

    /** Why, the most frequent first. */
    public List<ReasonCount> reasons(String run) {
        return jdbc.sql("select reason, count(*) as documents from backfill_quarantine where " + FAMILY
                + " group by reason order by documents desc, reason").param("run", run)
                .query((row, _) -> new ReasonCount(Reason.valueOf(row.getString("reason")), row.getLong("documents")))
                .list();
    }

    /** The first {@code limit} documents of one run after an id, by id. */
    public List<Row> page(String run, @Nullable String after, int limit) {
        // by the columns of the primary key: by the id alone H2 would sort all that follows, for every page
        return jdbc.sql("""
                select * from backfill_quarantine where run_name = :run and document_id > :after
                order by run_name, document_id limit :limit""")
                .param("run", run).param("after", after == null ? "" : after).param("limit", limit)
                .query(QuarantineStore::row).list();
    }

    private static Row row(ResultSet row, int index) throws SQLException {
        return new Row(new QuarantinedDocument(row.getString("document_id"), Reason.valueOf(row.getString("reason")),
                row.getString("message"), row.getString("input_digest")), row.getString("run_name"),
                row.getString("plan_digest"), row.getObject("created_at", OffsetDateTime.class).toInstant());
    }

    /** The first {@code limit} documents of a run by id. */
    public List<QuarantinedDocument> list(String run, int limit) {
        return page(run, null, limit).stream().map(Row::document).toList();
    }

    /** Puts documents there that a verification has found, so that a replay tries them again. */
    public void add(String run, String planDigest, List<QuarantinedDocument> documents) {
        record(run, 0, 0, 0, planDigest, documents);
    }

    /** Those of {@code ids} that a run and its replays have left in quarantine. */
    public Set<String> contained(String run, Collection<String> ids) {
        Set<String> contained = new HashSet<>();
        List<String> all = List.copyOf(ids);
        for (int from = 0; from < all.size(); from += IDS_AT_ONCE) {
            contained.addAll(
                    jdbc.sql("select document_id from backfill_quarantine where document_id in (:ids) and " + FAMILY)
                            .param("ids", all.subList(from, Math.min(all.size(), from + IDS_AT_ONCE))).param("run", run)
                            .query(String.class).list());
        }
        return contained;
    }

    /** The next ids after one, up to and including another, that a replay has not done yet. */
    public List<String> idsToReplay(Replay replay, @Nullable String after, @Nullable String through, int limit) {
        SortedSet<String> ids = new TreeSet<>();
        for (String run : runs(replay.of())) {
            if (!run.equals(replay.run())) {
                ids.addAll(jdbc.sql("""
                        select document_id from backfill_quarantine
                        where run_name = :run and document_id > :after and document_id <= :through
                        order by run_name, document_id limit :limit""")
                        // ids are lower-case letters and digits
                        .param("run", run).param("after", after == null ? "" : after)
                        .param("through", through == null ? "~" : through).param("limit", limit)
                        .query((row, _) -> row.getString("document_id")).list());
            }
        }
        return ids.stream().limit(limit).toList();
    }

    /**
     * Takes out of quarantine what lies behind the position of a replay; what that could not change either is in its own. Does
     * nothing while documents there are unsettled, and no harm when it is done again.
     */
    public void deleteReplayed(Replay replay, Range range, LedgerEntry entry) {
        if (!entry.unsettled().isEmpty() || (!entry.isDone() && entry.position() == null)) {
            return;
        }
        String through = entry.isDone() ? range.through() : entry.position();
        jdbc.sql("delete from backfill_quarantine where run_name <> :replay and " + FAMILY + " and "
                + between(range.after(), through))
                .param("replay", replay.run()).param("run", replay.of()).param("after", range.after())
                .param("through", through)
                .update();
    }

    private static String between(@Nullable String after, @Nullable String through) {
        return (after == null ? "1 = 1" : "document_id > :after")
                + (through == null ? "" : " and document_id <= :through");
    }
}
