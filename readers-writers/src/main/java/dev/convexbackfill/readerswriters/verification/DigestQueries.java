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

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.readerswriters.reader.PageLimit;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Has the deployment compute digests of documents, which stay where they are. Throws {@link ConvexException}, and
 * {@link CancellationException} once the run is to stop. Thread-safe.
 */
public final class DigestQueries {

    /** One query; Convex lets it read 32,000 documents and 16 MiB, and compute for a second. */
    private static final int MAX_DOCUMENTS = 4000;
    private static final double MAX_BYTES = 4 << 20;
    /** Convex reads each of them as a range of its own, of which a query may have 4096. */
    private static final int MAX_IDS = 2000;

    private final ConvexClient client;
    private final FunctionPath digest;
    private final FunctionPath contents;
    private final CallOptions options;
    private final Throttle throttle;
    private final StopSignal stop;
    private final PageLimit pages = new PageLimit(MAX_DOCUMENTS);
    private final PageLimit ids = new PageLimit(MAX_IDS);

    /**
     * @param functions the module that {@code backfill.ts} is installed as
     * @param stop      given when the run is to stop
     */
    public DigestQueries(ConvexClient client, String functions, CallOptions options, Throttle throttle,
            StopSignal stop) {
        this.client = client;
        this.digest = FunctionPath.of(functions, "digest");
        this.contents = FunctionPath.of(functions, "contents");
        this.options = options;
        this.throttle = throttle;
        this.stop = stop;
    }

    /** Of a part of a table: how many documents it has, and the sum of their digests. */
    record Sum(long documents, DocumentDigest digest) {

        static final Sum NONE = new Sum(0, DocumentDigest.NONE);

        Sum plus(long more, DocumentDigest others) {
            return new Sum(documents + more, digest.plus(others));
        }
    }

    /**
     * Of the parts of a table from a document to another.
     *
     * @param after   null for the beginning of the table
     * @param through null for its end
     * @param ends    where the parts end, but for the last
     * @param fields  that count; null for all
     */
    List<Sum> sums(String table, @Nullable String after, @Nullable String through, List<String> ends,
            @Nullable List<String> fields) {
        List<Sum> sums = new ArrayList<>();
        for (int i = 0; i <= ends.size(); i++) {
            sums.add(Sum.NONE);
        }
        String position = after;
        while (true) {
            // the same ends again: parts that lie before the position get nothing more
            ConvexObject answer = page(table, position, through, ends, fields, false);
            ConvexArray parts = answer.array("parts");
            for (int i = 0; i < sums.size(); i++) {
                ConvexObject part = (ConvexObject) parts.get(i);
                sums.set(i,
                        sums.get(i).plus(part.wholeNumber("documents"), DocumentDigest.parse(part.string("digest"))));
            }
            if (answer.bool("isDone")) {
                return sums;
            }
            position = answer.string("position");
        }
    }

    /** Of each document of a part, by its id. */
    SortedMap<String, DocumentDigest> each(String table, @Nullable String after, @Nullable String through,
            @Nullable List<String> fields) {
        SortedMap<String, DocumentDigest> each = new TreeMap<>();
        String position = after;
        while (true) {
            ConvexObject answer = page(table, position, through, List.of(), fields, true);
            for (ConvexValue one : answer.array("each")) {
                ConvexObject document = (ConvexObject) one;
                each.put(document.string("id"), DocumentDigest.parse(document.string("digest")));
            }
            if (answer.bool("isDone")) {
                return each;
            }
            position = answer.string("position");
        }
    }

    private ConvexObject page(String table, @Nullable String after, @Nullable String through, List<String> ends,
            @Nullable List<String> fields, boolean each) {
        return pages.fit(wanted -> (ConvexObject) query(digest, ConvexObject.builder()
                .putNullable("after", after)
                .put("bytes", MAX_BYTES)
                .put("documents", wanted)
                .put("each", each)
                .put("ends", strings(ends))
                .put("fields", fields == null ? ConvexNull.NULL : strings(fields))
                .put("table", table)
                .putNullable("through", through)
                .build()));
    }

    /** Digests without the ids, of those of some documents that exist. */
    Map<String, DocumentDigest> contents(List<String> wanted) {
        Map<String, DocumentDigest> found = new HashMap<>();
        int[] done = {0};
        while (done[0] < wanted.size()) {
            int from = done[0];
            ids.fit(limit -> {
                List<String> part = wanted.subList(from, Math.min(wanted.size(), from + limit));
                ConvexArray answer = (ConvexArray) query(contents, ConvexObject.of("ids", strings(part)));
                for (int i = 0; i < part.size(); i++) {
                    if (answer.get(i) instanceof ConvexString(String text)) {
                        found.put(part.get(i), DocumentDigest.parse(text));
                    }
                }
                done[0] = from + part.size();
                return part.size();
            });
        }
        return found;
    }

    private ConvexValue query(FunctionPath function, ConvexObject args) {
        try (Throttle.Permit permit = throttle.acquireRead(stop)) {
            if (permit == null) {
                throw new CancellationException("The range was left because of a stop: " + stop.reason());
            }
            return client.query(function, args, options).value();
        }
    }

    private static ConvexArray strings(List<String> strings) {
        return ConvexValue.array(strings.stream().map(ConvexValue::of).toList());
    }
}
