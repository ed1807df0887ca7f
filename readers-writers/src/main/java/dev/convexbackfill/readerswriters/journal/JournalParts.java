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

import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.readerswriters.journal.JournalStore.ChunkEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionOperations;

/** Cuts a part of the table where the chunks of a run have ended, a stretch at a time. Thread-safe. */
public final class JournalParts {

    /** Of changes, compressed. */
    private static final long MAX_BYTES = 4 << 20;
    private static final int CHUNKS = 128;

    private final String run;
    private final JournalStore journal;
    private final TransactionOperations transactions;

    /** Of the chunks of {@code run}, without those of its replays. */
    public JournalParts(String run, JournalStore journal, TransactionOperations transactions) {
        this.run = run;
        this.journal = journal;
        this.transactions = transactions;
    }

    /**
     * A part of the table.
     *
     * @param end       its last document; null for the end of the table
     * @param changed   about how many documents were changed
     * @param unchanged how many were found to need no change
     * @param digest    the sum of those; null if it is not known
     * @param bytes     of the changes, compressed
     */
    public record Part(@Nullable String end, long changed, long unchanged, @Nullable DocumentDigest digest,
            long bytes) {

        /** False if a document lies behind the part. */
        public boolean reaches(String id) {
            return end == null || id.compareTo(end) <= 0;
        }
    }

    /**
     * Parts that follow each other.
     *
     * @param after  where the first begins; null for the beginning of the table
     * @param parts  at least one
     * @param isLast true if no chunk ends behind it
     */
    public record Stretch(@Nullable String after, List<Part> parts, boolean isLast) {

        public Stretch {
            parts = List.copyOf(parts);
        }

        /**
         * Itself, cut where parts end: each piece ends once it has so many documents that were changed, or its changes so many
         * bytes, compressed.
         */
        public List<Stretch> pieces(long documents, long bytes) {
            List<Stretch> pieces = new ArrayList<>();
            String begin = after;
            int first = 0;
            long documentsSoFar = 0;
            long bytesSoFar = 0;
            for (int end = 1; end <= parts.size(); end++) {
                Part part = parts.get(end - 1);
                boolean isLastPart = end == parts.size();
                documentsSoFar += part.changed();
                bytesSoFar += part.bytes();
                if (isLastPart || documentsSoFar >= documents || bytesSoFar >= bytes) {
                    pieces.add(new Stretch(begin, parts.subList(first, end), isLast && isLastPart));
                    begin = part.end();
                    first = end;
                    documentsSoFar = 0;
                    bytesSoFar = 0;
                }
            }
            return pieces;
        }

        /** Its last document; null for the end of the table. */
        public @Nullable String through() {
            return parts.getLast().end();
        }

        /** The end of the last part that does not go on to the end of the table; null if there is none. */
        public @Nullable String lastEnd() {
            return parts.size() < 2 ? after : parts.get(parts.size() - 2).end();
        }

        /** Where its parts end, but for the last. */
        public List<String> ends() {
            return parts.subList(0, parts.size() - 1).stream().map(part -> Objects.requireNonNull(part.end()))
                    .toList();
        }

        /** About how many documents it has. */
        public long documents() {
            return parts.stream().mapToLong(part -> part.changed() + part.unchanged()).sum();
        }
    }

    /**
     * The stretch after a document, up to and including another at most.
     *
     * @param wanted about how many documents; fewer if they are large, or the chunks small
     */
    public Stretch next(@Nullable String after, @Nullable String through, long wanted) {
        for (int limit = CHUNKS;; limit *= 2) {
            List<ChunkEnd> chunks = chunks(after, through, limit);
            boolean areAll = chunks.size() < limit;
            List<Part> parts = new ArrayList<>();
            long documents = 0;
            long bytes = 0;
            int next = 0;
            while (next < chunks.size() && documents < wanted && bytes < MAX_BYTES) {
                int end = endOfPart(chunks, next);
                if (end == chunks.size() && !areAll) {
                    // others that settle the same documents may follow
                    break;
                }
                Part part = part(chunks.subList(next, end));
                parts.add(part);
                documents += part.changed() + part.unchanged();
                bytes += part.bytes();
                next = end;
            }
            if (areAll && next == chunks.size()) {
                if (parts.isEmpty() || through == null || !through.equals(parts.getLast().end())) {
                    parts.add(new Part(through, 0, 0, DocumentDigest.NONE, 0));
                }
                return new Stretch(after, parts, true);
            }
            if (!parts.isEmpty()) {
                return new Stretch(after, parts, false);
            }
        }
    }

    private List<ChunkEnd> chunks(@Nullable String after, @Nullable String through, int limit) {
        // ids are lower-case letters and digits
        return transactions.execute(_ -> journal.ends(run, after == null ? "" : after, through == null ? "~" : through,
                limit));
    }

    private static int endOfPart(List<ChunkEnd> chunks, int from) {
        int end = from + 1;
        while (end < chunks.size() && chunks.get(end).position().equals(chunks.get(from).position())) {
            end++;
        }
        return end;
    }

    private static Part part(List<ChunkEnd> chunks) {
        long changed = 0;
        long unchanged = 0;
        DocumentDigest digest = DocumentDigest.NONE;
        for (ChunkEnd chunk : chunks) {
            changed += chunk.documents();
            unchanged += chunk.unchanged();
            boolean isKnown = chunk.unchanged() == 0 || chunk.digest() != null;
            digest = digest == null || !isKnown ? null
                    : digest.plus(Objects.requireNonNullElse(chunk.digest(), DocumentDigest.NONE));
        }
        return new Part(chunks.getFirst().position(), changed, unchanged, digest,
                chunks.stream().mapToLong(ChunkEnd::bytes).sum());
    }
}
