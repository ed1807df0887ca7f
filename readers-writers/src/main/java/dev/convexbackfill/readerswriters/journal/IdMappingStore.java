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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Inserted;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which document a run has inserted for which: one row a document, stored in the transaction in which the journal learns that
 * its chunk was applied. Nothing of it is ever held for a whole run. The caller has a transaction open. Thread-safe.
 */
public final class IdMappingStore {

    /** Rows of one statement: PostgreSQL takes 65,535 parameters. */
    private static final int ROWS_AT_ONCE = 1000;
    // with `in (…)` H2 reads all of the run for each statement
    private static final String BY_SOURCE = """
            select m.source_id as id, m.target_id as other from (values %s) v (id)
            join backfill_id_mapping m on m.source_id = v.id and m.run_name = ?""";
    private static final String BY_TARGET = """
            select m.target_id as id, m.digest as other from (values %s) v (id)
            join backfill_id_mapping m on m.target_id = v.id and m.run_name = ?""";

    private final JdbcClient jdbc;

    public IdMappingStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Stores what a chunk has inserted, each document once; {@code copies} are the new documents by their sources. */
    void record(String run, List<Inserted> inserted, Map<String, ConvexObject> copies) {
        for (int from = 0; from < inserted.size(); from += ROWS_AT_ONCE) {
            List<Inserted> part = inserted.subList(from, Math.min(inserted.size(), from + ROWS_AT_ONCE));
            List<Object> values = new ArrayList<>();
            for (Inserted document : part) {
                ConvexObject copy = requireNonNull(copies.get(document.source()));
                values.addAll(List.of(run, document.source(), document.target(), InputDigest.of(copy),
                        DocumentDigest.ofContent(copy, null).bits()));
            }
            jdbc.sql("insert into backfill_id_mapping (run_name, source_id, target_id, digest, content) values "
                    + String.join(", ", part.stream().map(_ -> "(?, ?, ?, ?, ?)").toList()))
                    .params(values)
                    .update();
        }
    }

    /** The new ids by the old, of those of {@code sources} for which the run, or a replay of it, has inserted a document. */
    public Map<String, String> targets(String run, Collection<String> sources) {
        Map<String, String> targets = new HashMap<>();
        lookUp(withReplays(run), BY_SOURCE, sources, (source, target) -> targets.put(source, target));
        return targets;
    }

    /** Those of {@code ids} that the run, or a replay of it, has given. */
    public Set<String> given(String run, Collection<String> ids) {
        Set<String> given = new HashSet<>();
        lookUp(withReplays(run), BY_TARGET, ids, (id, _) -> given.add(id));
        return given;
    }

    /** Digests of those of {@code ids} that the run, or a replay of it, has given: of the documents as they were inserted. */
    public Map<String, String> digests(String run, Collection<String> ids) {
        Map<String, String> digests = new HashMap<>();
        lookUp(withReplays(run), BY_TARGET, ids, (id, digest) -> digests.put(id, digest));
        return digests;
    }

    /**
     * A document that was inserted.
     *
     * @param content its digest without the id
     */
    public record Given(String id, DocumentDigest content) {}

    /** What the run, without its replays, has given, in the order of the ids. */
    public List<Given> given(String run, @Nullable String after, @Nullable String through, int limit) {
        return jdbc.sql("""
                select target_id, content from backfill_id_mapping
                where run_name = :run and target_id > :after and target_id <= :through
                order by run_name, target_id limit :limit""")
                .param("run", run).param("after", after == null ? "" : after)
                .param("through", through == null ? "~" : through).param("limit", limit)
                .query((row, _) -> new Given(row.getString("target_id"), DocumentDigest.ofBits(row.getLong("content"))))
                .list();
    }

    /** The ids that the run and its replays have given, in their order, at most {@code limit}: those after {@code after} and up to {@code through}. */
    public List<String> next(String run, @Nullable String after, @Nullable String through, int limit) {
        List<String> ids = new ArrayList<>();
        for (String one : jdbc.sql("select name from backfill_run where name = :run or replay_of = :run")
                .param("run", run).query((row, _) -> row.getString("name")).list()) {
            // in this order H2, too, reads no more than it returns
            ids.addAll(jdbc.sql("""
                    select target_id from backfill_id_mapping
                    where run_name = :run and target_id > :after and target_id <= :through
                    order by run_name, target_id limit :limit""")
                    .param("run", one)
                    // ids are lower-case letters and digits
                    .param("after", after == null ? "" : after).param("through", through == null ? "~" : through)
                    .param("limit", limit).query((row, _) -> row.getString("target_id")).list());
        }
        return ids.stream().sorted().limit(limit).toList();
    }

    /** The new ids by the old, of those of {@code sources} that a rollback of the run has inserted again. */
    public Map<String, String> restored(String run, Collection<String> sources) {
        Map<String, String> restored = new HashMap<>();
        lookUp(names("select name from backfill_run where rollback_of = ?", run), BY_SOURCE, sources,
                (source, target) -> restored.put(source, target));
        return restored;
    }

    /** True if the run puts back what another has deleted: then ids that it has not given anew are still in use. */
    public boolean isRollback(String run) {
        return !names("select name from backfill_run where name = ? and rollback_of is not null", run).isEmpty();
    }

    /** How many documents the run, without its replays, has inserted. */
    public long count(String run) {
        return jdbc.sql("select count(*) from backfill_id_mapping where run_name = ?").param(run).query(Long.class)
                .single();
    }

    /** One of the documents for which the run has inserted another; empty if it has inserted none. */
    public Optional<String> anySource(String run) {
        return jdbc.sql("select source_id from backfill_id_mapping where run_name = ? limit 1").param(run)
                .query(String.class).optional();
    }

    private List<String> withReplays(String run) {
        List<String> names = new ArrayList<>(names("select name from backfill_run where replay_of = ?", run));
        names.add(run);
        return names;
    }

    private List<String> names(String sql, String run) {
        return jdbc.sql(sql).param(run).query((row, _) -> row.getString("name")).list();
    }

    /** Takes an id that was found, and what belongs to it. */
    private interface Finding {

        void take(String id, String other);
    }

    private void lookUp(List<String> runs, String sql, Collection<String> ids, Finding finding) {
        List<String> all = List.copyOf(ids);
        for (String run : runs) {
            for (int from = 0; from < all.size(); from += ROWS_AT_ONCE) {
                List<String> part = all.subList(from, Math.min(all.size(), from + ROWS_AT_ONCE));
                List<String> values = new ArrayList<>(part);
                values.add(run);
                jdbc.sql(sql.formatted(String.join(", ", Collections.nCopies(part.size(), "(?)")))).params(values)
                        .query(row -> {
                            finding.take(row.getString("id"), row.getString("other"));
                        });
            }
        }
    }
}
