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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.partitioner.ledger.Chunk;
import dev.convexbackfill.partitioner.ledger.LedgerEntry;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Skip;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written.Copy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Before-images, one row a chunk: the changes exactly as they are sent, with the values that each document must still have.
 * Since the deployment compares these very values, a row tells what the documents held. A row counts only once it is settled,
 * which says that the ledger has its chunk. What a chunk has inserted is stored in the {@link IdMappingStore} then, and what
 * it has changed is counted in the {@link FieldChangeStore}. The caller has a transaction open. Thread-safe.
 */
public final class JournalStore {

    private final JdbcClient jdbc;
    private final IdMappingStore mappings;
    private final FieldChangeStore fields;

    public JournalStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
        this.fields = new FieldChangeStore(jdbc);
        this.mappings = new IdMappingStore(jdbc);
    }

    /**
     * Stores a chunk's changes before they are sent.
     *
     * @param changes   those of the chunk, with what is kept beside them
     * @param unchanged the sum of the digests of the documents that need no change; null if it is not known
     */
    public void record(String run, int range, Chunk chunk, ConvexArray changes, @Nullable DocumentDigest unchanged) {
        jdbc.sql(
                """
                        insert into backfill_journal
                          (run_name, range_number, sequence, fence, position, documents, changes, unchanged, unchanged_digest)
                        values (:run, :range, :sequence, :fence, :position, :documents, :changes, :unchanged, :digest)""")
                .param("unchanged", chunk.unchanged())
                .param("digest", unchanged == null ? null : unchanged.bits(), Types.BIGINT)
                .param("run", run)
                .param("range", range)
                .param("sequence", chunk.sequence())
                .param("fence", chunk.fence())
                .param("position", chunk.to())
                .param("documents", changes.size())
                .param("changes", compress(changes))
                .update();
    }

    /** Marks the ledger's last chunk as applied, with the documents that it left alone and those that it inserted. */
    public void settle(String run, LedgerEntry entry) {
        settle(run, entry, () -> changes(run, entry));
    }

    /** The same, where the chunk's changes are at hand as they were recorded. */
    public void settle(String run, LedgerEntry entry, Supplier<ConvexArray> recorded) {
        ConvexArray skipped = ConvexValue.array(entry.skipped().stream().map(Skip::id).map(ConvexValue::of).toList());
        int settled = jdbc.sql("""
                update backfill_journal set settled = true, skipped = :skipped
                where run_name = :run and range_number = :range and sequence = :sequence and fence = :fence
                  and settled = false""")
                .param("skipped", skipped.size() == 0 ? null : ConvexJson.encodeToString(skipped))
                .param("run", run).param("range", entry.range()).param("sequence", entry.sequence())
                .param("fence", entry.appliedBy())
                .update();
        // a newer owner may have done it already: so all that is stored here is stored once for each chunk
        if (settled == 1) {
            ConvexArray changes = recorded.get();
            mappings.record(run, entry.inserted(), entry.inserted().isEmpty() ? Map.of() : copies(changes));
            fields.add(run, entry.range(), FieldTally.of(changes,
                    entry.skipped().stream().map(Skip::id).collect(Collectors.toUnmodifiableSet())));
        }
    }

    private ConvexArray changes(String run, LedgerEntry entry) {
        return jdbc.sql("""
                select changes from backfill_journal
                where run_name = :run and range_number = :range and sequence = :sequence and fence = :fence""")
                .param("run", run).param("range", entry.range()).param("sequence", entry.sequence())
                .param("fence", entry.appliedBy())
                .query((row, _) -> decompress(row.getBytes("changes"))).single();
    }

    /** The documents that a chunk was to insert, by their sources. */
    private static Map<String, ConvexObject> copies(ConvexArray changes) {
        Map<String, ConvexObject> copies = new HashMap<>();
        for (ConvexValue value : changes) {
            JournaledChange change = JournaledChange.of((ConvexObject) value);
            if (change.write() instanceof Copy(_, ConvexObject document)) {
                copies.put(change.id(), document);
            }
        }
        return copies;
    }

    /** Deletes what was recorded for chunks that the ledger does not have; nobody can apply them any more. */
    public void deleteVoid(String run, LedgerEntry entry) {
        jdbc.sql("""
                delete from backfill_journal
                where run_name = :run and range_number = :range
                  and (sequence > :sequence or (sequence = :sequence and fence <> :appliedBy))""")
                .param("run", run).param("range", entry.range()).param("sequence", entry.sequence())
                .param("appliedBy", entry.appliedBy())
                .update();
    }

    /**
     * A chunk that was applied.
     *
     * @param changes as they were sent; a deletion also has the {@code creationTime} of its document
     * @param skipped ids of the documents that it left alone
     */
    public record AppliedChunk(int range, long sequence, ConvexArray changes, List<String> skipped) {

        public AppliedChunk {
            skipped = List.copyOf(skipped);
        }
    }

    /** The settled chunks of a range, in the order in which they were applied. */
    public List<AppliedChunk> applied(String run, int range) {
        return jdbc.sql("""
                select range_number, sequence, changes, skipped from backfill_journal
                where run_name = :run and range_number = :range and settled = true order by sequence""")
                .param("run", run).param("range", range)
                .query(JournalStore::row).list();
    }

    /** The settled chunks with changes that may be of documents between two ids; their first and last may hold others, too. */
    List<AppliedChunk> between(String run, String from, boolean isFromIncluded, String to) {
        // of a smallest position, H2 would read all that follow
        return jdbc.sql("""
                select range_number, sequence, changes, skipped from backfill_journal
                where run_name = :run and settled = true and documents > 0 and position %s :from
                  and position <= coalesce((select position from backfill_journal
                    where run_name = :run and settled = true and documents > 0 and position >= :to
                    order by run_name, position limit 1), :to)
                order by run_name, position, sequence""".formatted(isFromIncluded ? ">=" : ">"))
                .param("run", run).param("from", from).param("to", to)
                .query(JournalStore::row).list();
    }

    /**
     * A chunk without what it has changed.
     *
     * @param position  its last document
     * @param documents that it has changed
     * @param unchanged that need no change
     * @param digest    the sum of those; null if it is not known
     * @param bytes     of its changes, compressed
     */
    public record ChunkEnd(String position, int documents, long unchanged, @Nullable DocumentDigest digest,
            long bytes) {}

    /** The next settled chunks of one run after a position, in the order of theirs. */
    public List<ChunkEnd> ends(String run, String after, String through, int limit) {
        // in this order H2, too, reads no more than it returns
        return jdbc.sql("""
                select position, documents, unchanged, unchanged_digest, octet_length(changes) as bytes
                from backfill_journal
                where run_name = :run and settled = true and position > :after and position <= :through
                order by run_name, position limit :limit""")
                .param("run", run).param("after", after).param("through", through).param("limit", limit)
                .query((row, _) -> {
                    long digest = row.getLong("unchanged_digest");
                    return new ChunkEnd(row.getString("position"), row.getInt("documents"), row.getLong("unchanged"),
                            row.wasNull() ? null : DocumentDigest.ofBits(digest), row.getLong("bytes"));
                }).list();
    }

    /** Ids of the documents in chunks that were recorded, and of which nobody has said yet whether the ledger has them. */
    public List<String> unsettled(String run) {
        List<String> ids = new ArrayList<>();
        jdbc.sql("select changes from backfill_journal where run_name = :run and settled = false").param("run", run)
                .query(row -> {
                    decompress(row.getBytes("changes"))
                            .forEach(change -> ids.add(((ConvexObject) change).string("id")));
                });
        return ids;
    }

    private static AppliedChunk row(ResultSet row, int index) throws SQLException {
        String skipped = row.getString("skipped");
        return new AppliedChunk(row.getInt("range_number"), row.getLong("sequence"),
                decompress(row.getBytes("changes")),
                skipped == null ? List.of() : ((ConvexArray) ConvexJson.decode(skipped)).values().stream()
                        .map(id -> ((ConvexString) id).value()).toList());
    }

    /**
     * How much is kept of a run.
     *
     * @param documents that it has changed
     * @param bytes     compressed, as they are stored
     */
    public record JournalSize(long chunks, long documents, long bytes) {}

    public JournalSize size(String run) {
        return jdbc.sql("""
                select count(*) as chunks, coalesce(sum(documents), 0) as documents,
                  coalesce(sum(octet_length(changes)), 0) as bytes
                from backfill_journal where run_name = :run""")
                .param("run", run)
                .query((row, _) -> new JournalSize(row.getLong("chunks"), row.getLong("documents"),
                        row.getLong("bytes")))
                .single();
    }

    /** How many bytes the changes of a chunk take, as they are stored. */
    public static long storedBytes(ConvexArray changes) {
        return compress(changes).length;
    }

    private static byte[] compress(ConvexArray changes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(bytes)) {
            deflater.write(ConvexJson.encode(changes));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static ConvexArray decompress(byte[] bytes) {
        try (InflaterInputStream inflater = new InflaterInputStream(new ByteArrayInputStream(bytes))) {
            return (ConvexArray) ConvexJson.decode(inflater.readAllBytes());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
