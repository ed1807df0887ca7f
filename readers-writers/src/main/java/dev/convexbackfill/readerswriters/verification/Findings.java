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

import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a verification has found in a part of a range: everything is counted, and of each kind some is kept, so that a table where
 * all is wrong takes no more memory than one where little is. For one thread.
 */
public final class Findings {

    /** Of one kind and one range. */
    static final int MAX_KEPT = 100;

    private final Map<MismatchKind, Long> counts = new EnumMap<>(MismatchKind.class);
    private final List<Seen> kept = new ArrayList<>();
    private final List<SharedValue> values = new ArrayList<>();
    private Counts documents = Counts.NONE;

    /**
     * A mismatch, and when it was seen.
     *
     * @param again after a pause
     */
    record Seen(Mismatch mismatch, Instant first, Instant again) {}

    /**
     * A value that is compared with those of all other documents when the ranges are done.
     *
     * @param kind   which values are compared with each other
     * @param digest of the value
     */
    record SharedValue(String kind, String digest, String document) {}

    /** Counts a mismatch, and keeps it if there is room. */
    public void add(Mismatch mismatch, Instant first, Instant again) {
        long count = counts.merge(mismatch.kind(), 1L, Long::sum);
        if (count <= MAX_KEPT) {
            kept.add(new Seen(mismatch, first, again));
        }
    }

    void add(SharedValue value) {
        values.add(value);
    }

    /** Adds all that another has, and that of each kind there is room for. */
    void add(Findings others) {
        others.kept.forEach(seen -> add(seen.mismatch(), seen.first(), seen.again()));
        others.counts.forEach((kind, count) -> counts.merge(kind, count - others.keptOf(kind), Long::sum));
        values.addAll(others.values);
        count(others.documents);
    }

    private long keptOf(MismatchKind kind) {
        return kept.stream().filter(seen -> seen.mismatch().kind() == kind).count();
    }

    void count(Counts more) {
        documents = documents.plus(more);
    }

    Map<MismatchKind, Long> counts() {
        return counts;
    }

    List<Seen> kept() {
        return kept;
    }

    List<SharedValue> values() {
        return values;
    }

    /** What was looked at. */
    public Counts documents() {
        return documents;
    }
}
