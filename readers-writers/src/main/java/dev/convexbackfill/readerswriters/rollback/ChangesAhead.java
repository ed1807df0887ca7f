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
package dev.convexbackfill.readerswriters.rollback;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a run in the order of ids, each read once: those whose documents are being fetched are kept until they are asked
 * for, and those that came with a page are kept for the next one. What is not kept any more is read again. Thread-safe.
 */
public final class ChangesAhead {

    /** All ranges together, as Convex counts. */
    private static final long MAX_BYTES = 32 << 20;

    private final ChangedDocuments changed;
    private final Map<String, JournaledChange> ahead = new HashMap<>();
    /** By the last id of a page: the changes that follow it. */
    private final Map<String, List<JournaledChange>> rests = new HashMap<>();
    private long bytes;

    public ChangesAhead(ChangedDocuments changed) {
        this.changed = changed;
    }

    /** As {@link ChangedDocuments#next}, the ids alone. */
    public List<String> next(@Nullable String after, @Nullable String through, int limit) {
        List<JournaledChange> changes = new ArrayList<>(restAfter(after));
        if (changes.size() < limit) {
            String from = changes.isEmpty() ? after : changes.getLast().id();
            changes.addAll(changed.stretch(from, through, limit - changes.size()));
        }
        int end = 0;
        while (end < Math.min(limit, changes.size())
                && (through == null || changes.get(end).id().compareTo(through) <= 0)) {
            end++;
        }
        List<JournaledChange> page = changes.subList(0, end);
        keep(page, end < limit ? List.of() : List.copyOf(changes.subList(end, changes.size())));
        return page.stream().map(JournaledChange::id).toList();
    }

    private synchronized List<JournaledChange> restAfter(@Nullable String id) {
        List<JournaledChange> rest = rests.remove(id);
        if (rest == null) {
            return List.of();
        }
        bytes -= size(rest);
        return rest;
    }

    private synchronized void keep(List<JournaledChange> page, List<JournaledChange> rest) {
        for (JournaledChange change : page) {
            if (bytes > MAX_BYTES) {
                // of documents that are gone by now nobody asks
                ahead.clear();
                rests.clear();
                bytes = 0;
            }
            if (ahead.put(change.id(), change) == null) {
                bytes += size(change);
            }
        }
        if (!rest.isEmpty()) {
            List<JournaledChange> before = rests.put(page.getLast().id(), rest);
            bytes += size(rest) - (before == null ? 0 : size(before));
        }
    }

    private static long size(List<JournaledChange> changes) {
        return changes.stream().mapToLong(ChangesAhead::size).sum();
    }

    private static long size(JournaledChange change) {
        return ValueLimits.sizeOf(change.before()) + 100;
    }

    /** The changes of some documents, by their ids. */
    Map<String, JournaledChange> of(List<ConvexObject> documents) {
        Map<String, JournaledChange> found = new HashMap<>();
        List<String> missing = new ArrayList<>();
        take(documents, found, missing);
        found.putAll(changed.of(missing));
        return found;
    }

    private synchronized void take(List<ConvexObject> documents, Map<String, JournaledChange> found,
            List<String> missing) {
        for (ConvexObject document : documents) {
            String id = document.string(FieldName.ID);
            JournaledChange change = ahead.remove(id);
            if (change == null) {
                missing.add(id);
            } else {
                found.put(id, change);
                bytes -= size(change);
            }
        }
    }
}
