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

import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.readerswriters.verification.Findings.Seen;
import dev.convexbackfill.readerswriters.verification.Findings.SharedValue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What verifications have found. The caller has a transaction open. Thread-safe. */
public final class VerificationStore {

    /** In the place of a range: what is wrong with the run itself. */
    public static final int RUN = -1;
    /** In the place of a range: what only all documents together show. */
    public static final int ALL_DOCUMENTS = -2;

    /** Values of documents that somebody else has inserted beside the copies. */
    static final String COPY = "copy";
    /** Values of what a plan would insert for sources that the run has not copied. */
    static final String SOURCE = "source";

    private static final int ROWS_AT_ONCE = 500;

    private final JdbcClient jdbc;

    public VerificationStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The kind of the values of a field in which no two documents hold the same. */
    static String unique(FieldPath field) {
        String text = field.toString();
        return "unique " + text.substring(0, Math.min(text.length(), 150));
    }

    /** Adds what was found in a part of a range. */
    public void add(String run, int range, Findings findings) {
        Map<MismatchKind, Long> before = counts(run, range);
        int number = jdbc.sql("""
                select coalesce(max(mismatch_number), 0) from backfill_mismatch
                where run_name = :run and range_number = :range""").param("run", run).param("range", range)
                .query(Integer.class).single();
        Map<MismatchKind, Long> kept = new EnumMap<>(before);
        for (Seen seen : findings.kept()) {
            if (kept.merge(seen.mismatch().kind(), 1L, Long::sum) <= Findings.MAX_KEPT) {
                insert(run, range, ++number, seen);
            }
        }
        findings.counts().forEach((kind, more) -> addToCount(run, range, kind, more));
        insertValues(run, findings.values());
    }

    /** Puts these in the place of what was found there before. */
    public void replace(String run, int range, Findings findings) {
        jdbc.sql("delete from backfill_mismatch where run_name = :run and range_number = :range").param("run", run)
                .param("range", range).update();
        jdbc.sql("delete from backfill_mismatch_count where run_name = :run and range_number = :range")
                .param("run", run).param("range", range).update();
        add(run, range, findings);
    }

    void addToCount(String run, int range, MismatchKind kind, long more) {
        int known = jdbc.sql("""
                update backfill_mismatch_count set mismatches = mismatches + :more
                where run_name = :run and range_number = :range and kind = :kind""")
                .param("more", more).param("run", run).param("range", range).param("kind", kind.name()).update();
        if (known == 0) {
            jdbc.sql("""
                    insert into backfill_mismatch_count (run_name, range_number, kind, mismatches)
                    values (:run, :range, :kind, :more)""")
                    .param("run", run).param("range", range).param("kind", kind.name()).param("more", more).update();
        }
    }

    private void insert(String run, int range, int number, Seen seen) {
        Mismatch mismatch = seen.mismatch();
        jdbc.sql(
                """
                        insert into backfill_mismatch (run_name, range_number, mismatch_number, kind, document_id, field, expected,
                          found, message, expected_digest, found_digest, first_seen, seen_again)
                        values (:run, :range, :number, :kind, :document, :field, :expected, :found, :message, :expectedDigest,
                          :foundDigest, :first, :again)""")
                .param("run", run).param("range", range).param("number", number)
                .param("kind", mismatch.kind().name()).param("document", mismatch.document())
                .param("field", mismatch.field()).param("expected", mismatch.expected())
                .param("found", mismatch.found()).param("message", mismatch.message())
                .param("expectedDigest", mismatch.expectedDigest()).param("foundDigest", mismatch.foundDigest())
                .param("first", seen.first().atOffset(ZoneOffset.UTC))
                .param("again", seen.again().atOffset(ZoneOffset.UTC))
                .update();
    }

    private void insertValues(String run, List<SharedValue> values) {
        for (int from = 0; from < values.size(); from += ROWS_AT_ONCE) {
            List<SharedValue> part = values.subList(from, Math.min(values.size(), from + ROWS_AT_ONCE));
            List<Object> params = new ArrayList<>();
            part.forEach(value -> params.addAll(List.of(run, value.kind(), value.digest(), value.document())));
            jdbc.sql("insert into backfill_shared_value (run_name, kind, digest, document_id) values "
                    + String.join(", ", part.stream().map(_ -> "(?, ?, ?, ?)").toList())).params(params).update();
        }
    }

    private Map<MismatchKind, Long> counts(String run, int range) {
        Map<MismatchKind, Long> counts = new EnumMap<>(MismatchKind.class);
        jdbc.sql("""
                select kind, mismatches from backfill_mismatch_count
                where run_name = :run and range_number = :range""").param("run", run).param("range", range)
                .query(row -> {
                    counts.put(MismatchKind.valueOf(row.getString("kind")), row.getLong("mismatches"));
                });
        return counts;
    }

    /** How much of each kind was found, whether it is kept or not. */
    public Map<MismatchKind, Long> counts(String run) {
        Map<MismatchKind, Long> counts = new EnumMap<>(MismatchKind.class);
        jdbc.sql("""
                select kind, sum(mismatches) as mismatches from backfill_mismatch_count where run_name = :run
                group by kind having sum(mismatches) > 0""").param("run", run)
                .query(row -> {
                    counts.put(MismatchKind.valueOf(row.getString("kind")), row.getLong("mismatches"));
                });
        return counts;
    }

    /** The first document that something is wrong with, of each range that has one: all before it in the range is clean. */
    public Map<Integer, String> firstWrong(String run) {
        Map<Integer, String> first = new TreeMap<>();
        jdbc.sql("""
                select r.range_number, min(m.document_id) as document_id
                from backfill_range r join backfill_mismatch m on m.run_name = r.run_name
                  and (m.range_number = r.range_number or (m.range_number = :all
                    and (r.after_id is null or m.document_id > r.after_id)
                    and (r.through_id is null or m.document_id <= r.through_id)))
                where r.run_name = :run and m.document_id is not null and m.kind in (:kinds)
                group by r.range_number""")
                .param("run", run).param("all", ALL_DOCUMENTS).param("kinds", kinds(true)).query(row -> {
                    first.put(row.getInt("range_number"), row.getString("document_id"));
                });
        return first;
    }

    /** Whether something is wrong that belongs to no document, but to the run itself. */
    public boolean isRunWrong(String run) {
        return jdbc.sql("""
                select exists (select 1 from backfill_mismatch where run_name = :run and document_id is null
                  and kind in (:kinds))""")
                .param("run", run).param("kinds", kinds(true)).query(Boolean.class).single();
    }

    private static List<String> kinds(boolean areWrong) {
        return Arrays.stream(MismatchKind.values()).filter(kind -> kind.isWrong() == areWrong).map(Enum::name).toList();
    }

    /**
     * A mismatch that is kept.
     *
     * @param again when it was seen a second time, after a pause
     */
    public record Row(Mismatch mismatch, int range, int number, Instant first, Instant again) {}

    /** Kept mismatches in the order of ranges, at most {@code limit}: those after one. */
    public List<Row> page(String run, boolean isWrong, int afterRange, int afterNumber, int limit) {
        return jdbc.sql("""
                select * from backfill_mismatch where run_name = :run and kind in (:kinds)
                  and (range_number > :range or (range_number = :range and mismatch_number > :number))
                order by range_number, mismatch_number limit :limit""")
                .param("run", run).param("kinds", kinds(isWrong)).param("range", afterRange)
                .param("number", afterNumber)
                .param("limit", limit).query(VerificationStore::row).list();
    }

    /** Documents that the plan would still change, among those that are kept. */
    public List<Mismatch> notMigrated(String run) {
        return jdbc.sql("""
                select * from backfill_mismatch
                where run_name = :run and kind = 'NOT_MIGRATED' and document_id is not null order by document_id""")
                .param("run", run).query(VerificationStore::row).list().stream().map(Row::mismatch).toList();
    }

    static Row row(ResultSet row, int index) throws SQLException {
        return new Row(new Mismatch(row.getString("document_id"), MismatchKind.valueOf(row.getString("kind")),
                row.getString("field"), row.getString("expected"), row.getString("found"), row.getString("message"),
                row.getString("expected_digest"), row.getString("found_digest")), row.getInt("range_number"),
                row.getInt("mismatch_number"), instant(row, "first_seen"), instant(row, "seen_again"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
