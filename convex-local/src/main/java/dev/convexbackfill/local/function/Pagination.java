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
package dev.convexbackfill.local.function;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.function.Database.Page;
import dev.convexbackfill.local.function.Database.PageCondition;
import dev.convexbackfill.local.function.Database.PageOptions;
import dev.convexbackfill.local.function.Database.PageStatus;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.StoredDocument;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one page. Source: {@code read_page_from_query} in {@code async_syscall.rs} and {@code query/index_range.rs} of the
 * Convex backend.
 */
final class Pagination {

    /** A page above it should be split; three quarters of the longest array. */
    private static final int LONG_PAGE = 6144;
    /** Shorter pages have no middle. */
    private static final int SHORTEST_SPLIT = 3;

    private final Cursors cursors;
    private final String fingerprint;
    private final PageCondition condition;
    private final PageOptions options;
    private final List<ConvexObject> documents = new ArrayList<>();
    private final List<byte[]> places = new ArrayList<>();
    private long bytes;
    private boolean isAtMaximum;

    /** {@code fingerprint} is of the query with all its conditions. */
    Pagination(Cursors cursors, String fingerprint, PageCondition condition, PageOptions options) {
        this.cursors = cursors;
        this.fingerprint = fingerprint;
        this.condition = condition;
        this.options = options;
    }

    /** What scans documents behind a place, null for the first, up to another, null for the last. */
    interface Scanner {

        DocumentScan scan(byte @Nullable [] after, byte @Nullable [] through);
    }

    Page read(Scanner scanner) {
        byte[] after = options.cursor() == null ? null : cursors.decode(fingerprint, options.cursor());
        byte[] through = options.endCursor() == null ? null : cursors.decode(fingerprint, options.endCursor());
        boolean isRead = after != null && Cursors.isEnd(after);
        boolean isDone = isRead
                || scan(scanner.scan(after, through == null || Cursors.isEnd(through) ? null : through),
                        through != null);
        return new Page(documents, through == null ? isDone : Cursors.isEnd(through), continueCursor(through, isDone),
                splitCursor(), status());
    }

    /** Returns whether there is nothing more. */
    private boolean scan(DocumentScan scan, boolean toTheEnd) {
        while (toTheEnd || !isFull()) {
            StoredDocument next = scan.next();
            if (next == null) {
                return true;
            }
            add(next, scan.place());
        }
        // as in Convex, a page that is exactly full is not known to be the last
        return false;
    }

    private boolean isFull() {
        return isAtMaximum || documents.size() >= options.numItems();
    }

    private void add(StoredDocument document, byte[] place) {
        places.add(place);
        bytes += document.size();
        if (condition.keeps(document.value())) {
            documents.add(document.value());
        }
        isAtMaximum = (options.maximumRowsRead() > 0 && places.size() >= options.maximumRowsRead())
                || (options.maximumBytesRead() > 0 && bytes >= options.maximumBytesRead());
    }

    private String continueCursor(byte @Nullable [] through, boolean isDone) {
        if (through != null) {
            return cursors.encode(fingerprint, through);
        }
        return cursors.encode(fingerprint, isDone ? Cursors.END : places.getLast());
    }

    private @Nullable String splitCursor() {
        return places.size() < SHORTEST_SPLIT ? null : cursors.encode(fingerprint, places.get(places.size() / 2));
    }

    private @Nullable PageStatus status() {
        if (options.endCursor() == null && isAtMaximum) {
            return PageStatus.SPLIT_REQUIRED;
        }
        boolean isLarge = isAbove(places.size(), options.maximumRowsRead())
                || isAbove(bytes, options.maximumBytesRead()) || documents.size() > LONG_PAGE;
        return isLarge ? PageStatus.SPLIT_RECOMMENDED : null;
    }

    /** Whether more than three quarters of a maximum are used up. */
    private static boolean isAbove(long read, long maximum) {
        return maximum > 0 && read > maximum * 3 / 4;
    }
}
