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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * What only all documents together show, once all ranges are done: values that are there twice, pairs that are swapped, copies
 * that are one too many. It can be done again, with the same result.
 */
public final class WholeTableCheck {

    private static final int GROUPS_AT_ONCE = 100;
    private static final int MEMBERS_LOOKED_AT = 20;
    private static final int MEMBERS_NAMED = 3;

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final VerificationStore store;
    private final Clock clock;

    public WholeTableCheck(JdbcClient jdbc, TransactionOperations transactions, Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.store = new VerificationStore(jdbc);
        this.clock = clock;
    }

    /** Values that several documents hold, as they are now. */
    public void duplicates(String run, List<FieldPath> unique, DocumentLookup lookup, Findings findings) {
        for (FieldPath field : unique) {
            String after = "";
            List<Group> groups = groups(run, field, after);
            while (!groups.isEmpty()) {
                for (Group group : groups) {
                    confirm(run, field, group, lookup, findings);
                }
                after = groups.getLast().digest();
                groups = groups(run, field, after);
            }
        }
    }

    private record Group(String digest, long documents) {}

    private List<Group> groups(String run, FieldPath field, String after) {
        return transactions.execute(_ -> jdbc.sql("""
                select digest, count(*) as documents from backfill_shared_value
                where run_name = :run and kind = :kind and digest > :after
                group by digest having count(*) > 1 order by digest limit :limit""")
                .param("run", run).param("kind", VerificationStore.unique(field)).param("after", after)
                .param("limit", GROUPS_AT_ONCE)
                .query((row, _) -> new Group(row.getString("digest"), row.getLong("documents"))).list());
    }

    /** The documents were read at different times, so one is enough that is not so any more. */
    private void confirm(String run, FieldPath field, Group group, DocumentLookup lookup, Findings findings) {
        List<String> ids = transactions.execute(_ -> jdbc.sql("""
                select document_id from backfill_shared_value
                where run_name = :run and kind = :kind and digest = :digest order by document_id limit :limit""")
                .param("run", run).param("kind", VerificationStore.unique(field)).param("digest", group.digest())
                .param("limit", MEMBERS_LOOKED_AT).query(String.class).list());
        Map<String, ConvexObject> now = lookup.read(ids);
        List<String> same = ids.stream().filter(id -> {
            ConvexObject document = now.get(id);
            ConvexValue value = document == null ? null : field.get(document);
            return value != null && InputDigest.of(ConvexObject.of("value", value)).equals(group.digest());
        }).toList();
        if (same.size() < 2) {
            return;
        }
        long documents = ids.size() < group.documents() ? group.documents() : same.size();
        ConvexObject first = now.get(same.getFirst());
        Instant at = clock.instant();
        findings.add(new Mismatch(same.getFirst(), MismatchKind.ENSURE_FAILED, field.toString(),
                "no other document with the same", first == null ? null : Mismatch.text(field.get(first)),
                "unique: %d documents hold the same in '%s': %s%s".formatted(documents, field,
                        same.stream().limit(MEMBERS_NAMED).collect(Collectors.joining(", ")),
                        documents > MEMBERS_NAMED ? ", …" : ""),
                null, null), at, at);
    }

    private record Kept(String document, String expected, String found, int range) {}

    /** Makes of changed copies that hold each what the other should pairs that are swapped. */
    public void findSwapped(String run) {
        transactions.executeWithoutResult(_ -> {
            Map<String, Kept> byContent = new HashMap<>();
            List<Kept> all = jdbc.sql("""
                    select distinct document_id, expected_digest, found_digest, range_number from backfill_mismatch
                    where run_name = :run and kind = 'CHANGED_SINCE' and expected_digest is not null
                      and found_digest is not null order by document_id""").param("run", run)
                    .query((row, _) -> new Kept(row.getString("document_id"), row.getString("expected_digest"),
                            row.getString("found_digest"), row.getInt("range_number")))
                    .list();
            all.forEach(kept -> byContent.put(kept.expected() + kept.found(), kept));
            for (Kept kept : all) {
                Kept other = byContent.get(kept.found() + kept.expected());
                if (other != null && !other.document().equals(kept.document())) {
                    becomesSwapped(run, kept, other);
                }
            }
        });
    }

    private void becomesSwapped(String run, Kept kept, Kept other) {
        int rows = jdbc
                .sql("""
                        select count(*) from backfill_mismatch
                        where run_name = :run and range_number = :range and document_id = :document and kind = 'CHANGED_SINCE'""")
                .param("run", run).param("range", kept.range()).param("document", kept.document())
                .query(Integer.class).single();
        jdbc.sql("""
                delete from backfill_mismatch
                where run_name = :run and range_number = :range and document_id = :document and kind = 'CHANGED_SINCE'
                  and mismatch_number > (select min(mismatch_number) from backfill_mismatch
                    where run_name = :run and range_number = :range and document_id = :document
                      and kind = 'CHANGED_SINCE')""")
                .param("run", run).param("range", kept.range()).param("document", kept.document()).update();
        jdbc.sql(
                """
                        update backfill_mismatch set kind = 'SWAPPED_PAIR', message = :message
                        where run_name = :run and range_number = :range and document_id = :document and kind = 'CHANGED_SINCE'""")
                .param("message", "The copies of '%s' and '%s' hold each what the other should".formatted(
                        kept.document(), other.document()))
                .param("run", run).param("range", kept.range()).param("document", kept.document()).update();
        store.addToCount(run, kept.range(), MismatchKind.CHANGED_SINCE, -rows);
        store.addToCount(run, kept.range(), MismatchKind.SWAPPED_PAIR, 1);
    }

    private record Unknown(String document, String digest, int range, int number) {}

    /**
     * Makes extra copies of documents that nobody knows and that are the same as a copy. An app that keeps both tables has a source
     * for each that it inserts, so as many as there are sources without a copy are its own.
     *
     * @param verified the run that has inserted the copies
     */
    public void findExtra(String run, String verified) {
        transactions.executeWithoutResult(_ -> {
            Map<String, Long> ofApp = new HashMap<>();
            List<Unknown> unknown = jdbc.sql("""
                    select document_id, found_digest, range_number, mismatch_number from backfill_mismatch m
                    where run_name = :run and kind = 'UNKNOWN_COPY' and exists (
                      select 1 from backfill_id_mapping i where i.digest = m.found_digest and i.run_name in (
                        select name from backfill_run where name = :verified or replay_of = :verified))
                    order by document_id""").param("run", run).param("verified", verified)
                    .query((row, _) -> new Unknown(row.getString("document_id"), row.getString("found_digest"),
                            row.getInt("range_number"), row.getInt("mismatch_number")))
                    .list();
            for (Unknown copy : unknown) {
                long left = ofApp.computeIfAbsent(copy.digest(), digest -> sources(run, digest));
                ofApp.put(copy.digest(), left - 1);
                if (left <= 0) {
                    becomesExtra(run, copy);
                }
            }
        });
    }

    private long sources(String run, String digest) {
        return jdbc.sql("""
                select count(*) from backfill_shared_value
                where run_name = :run and kind = :kind and digest = :digest""")
                .param("run", run).param("kind", VerificationStore.SOURCE).param("digest", digest)
                .query(Long.class).single();
    }

    private void becomesExtra(String run, Unknown copy) {
        jdbc.sql("""
                update backfill_mismatch set kind = 'EXTRA_COPY', message = :message
                where run_name = :run and range_number = :range and mismatch_number = :number""")
                .param("message",
                        "It is the same as a document that the run has inserted, no run knows it, and no source is without a copy")
                .param("run", run).param("range", copy.range()).param("number", copy.number()).update();
        store.addToCount(run, copy.range(), MismatchKind.UNKNOWN_COPY, -1);
        store.addToCount(run, copy.range(), MismatchKind.EXTRA_COPY, 1);
    }

    /** Deletes what was kept to be compared. */
    public void forget(String run) {
        transactions.executeWithoutResult(_ -> jdbc.sql("delete from backfill_shared_value where run_name = :run")
                .param("run", run).update());
    }
}
