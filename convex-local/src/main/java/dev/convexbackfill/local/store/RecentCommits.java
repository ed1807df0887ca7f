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
package dev.convexbackfill.local.store;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was committed while transactions that are still open were. Not thread-safe. */
final class RecentCommits {

    private final Deque<Commit> commits = new ArrayDeque<>();

    /** The keys that one commit has written. */
    record Commit(long timestamp, List<byte[]> keys) {

        boolean touches(ReadSet reads) {
            return keys.stream().anyMatch(reads::contains);
        }
    }

    void addAll(Collection<Commit> newer) {
        commits.addAll(newer);
    }

    void forgetUntil(long timestamp) {
        while (!commits.isEmpty() && commits.getFirst().timestamp() <= timestamp) {
            commits.removeFirst();
        }
    }

    /** The oldest commit after {@code timestamp} that wrote into what was read; null if there is none. */
    @Nullable
    Commit firstInto(ReadSet reads, long timestamp) {
        Commit first = null;
        for (Iterator<Commit> newestFirst = commits.descendingIterator(); newestFirst.hasNext();) {
            Commit commit = newestFirst.next();
            if (commit.timestamp() <= timestamp) {
                break;
            }
            first = commit.touches(reads) ? commit : first;
        }
        return first;
    }
}
