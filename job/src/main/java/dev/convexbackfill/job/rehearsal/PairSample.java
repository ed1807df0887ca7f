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
package dev.convexbackfill.job.rehearsal;

import dev.convexbackfill.client.value.ConvexObject;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * Keeps some of all changed documents, each with the same chance, and the same ones for the same seed, in whatever order they
 * come. For one thread.
 */
final class PairSample {

    private static final int SIZE = 20;
    private static final Comparator<Drawn> BY_LOT = Comparator.comparingLong(Drawn::lot).thenComparing(Drawn::id);

    private final long seed;
    private final PriorityQueue<Drawn> drawn = new PriorityQueue<>(SIZE + 1, BY_LOT.reversed());

    private record Drawn(long lot, String id, ConvexObject before, ConvexObject after) {}

    PairSample(long seed) {
        this.seed = seed;
    }

    void add(String id, ConvexObject before, ConvexObject after) {
        long lot = new SplittableRandom(seed ^ id.hashCode()).nextLong();
        drawn.add(new Drawn(lot, id, before, after));
        if (drawn.size() > SIZE) {
            drawn.remove();
        }
    }

    List<RehearsalReport.Pair> report() {
        return drawn.stream().sorted(Comparator.comparing(Drawn::id))
                .map(one -> new RehearsalReport.Pair(one.id(), one.before(), one.after())).toList();
    }
}
