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
package dev.convexbackfill.local.streaming;

import dev.convexbackfill.local.store.DocumentTransaction.Moment;
import dev.convexbackfill.local.store.PinnedMoment;
import dev.convexbackfill.local.store.Store;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Times that are being listed, kept readable until nobody has asked for them for a while. Convex instead undoes what was
 * written since; docs/decisions says why this does not. Thread-safe.
 */
final class KeptSnapshots {

    /** A reader that pauses for longer begins again, as one of Convex does after five days. */
    private static final Duration UNUSED = Duration.ofHours(1);
    private static final int MAX_KEPT = 16;

    private final Store store;
    private final Clock clock;
    private final Map<Long, Kept> kept = new TreeMap<>();

    private record Kept(PinnedMoment pinned, Instant used) {}

    KeptSnapshots(Store store) {
        this.store = store;
        this.clock = store.clock();
    }

    /**
     * Reads as of a time. One reads after the other.
     *
     * @param timestamp nanoseconds since 1970; null for now. Refuses one that is to come ({@code SnapshotTooNew}), and one
     *                  that is not kept any more ({@code SnapshotTooOld})
     */
    synchronized <T> T read(@Nullable Long timestamp, Function<Moment, T> read) {
        Instant now = clock.instant();
        forgetUnused(now);
        long wanted = timestamp == null ? store.timestamp() : timestamp;
        Kept found = kept.remove(wanted);
        PinnedMoment pinned = found == null ? pin(wanted, timestamp == null) : found.pinned();
        kept.put(pinned.moment().timestamp(), new Kept(pinned, now));
        return read.apply(pinned.moment());
    }

    private PinnedMoment pin(long wanted, boolean orLater) {
        PinnedMoment pinned = PinnedMoment.pin(store);
        long latest = pinned.moment().timestamp();
        Kept same = kept.get(latest);
        if (wanted == latest || orLater) {
            if (same != null) {
                pinned.close();
                return same.pinned();
            }
            return pinned;
        }
        pinned.close();
        throw wanted > latest
                ? new StreamingRefusedException("SnapshotTooNew",
                        "Snapshot value %d is in the future.".formatted(wanted))
                : new StreamingRefusedException("SnapshotTooOld",
                        "Snapshot value %d is too far in the past.".formatted(wanted));
    }

    private void forgetUnused(Instant now) {
        kept.values().removeIf(each -> {
            boolean isUnused = each.used().isBefore(now.minus(UNUSED));
            if (isUnused) {
                each.pinned().close();
            }
            return isUnused;
        });
        while (kept.size() >= MAX_KEPT) {
            Map.Entry<Long, Kept> oldest = kept.entrySet().stream()
                    .min(Map.Entry.comparingByValue(java.util.Comparator.comparing(Kept::used))).orElseThrow();
            kept.remove(oldest.getKey());
            oldest.getValue().pinned().close();
        }
    }
}
