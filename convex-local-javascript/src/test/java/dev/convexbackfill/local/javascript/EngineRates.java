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
package dev.convexbackfill.local.javascript;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Measures how many calls a second a server of the functions answers, one at a time. */
final class EngineRates implements AutoCloseable {

    static final String TABLE = "items";
    private static final int PAGE = 200;
    private static final int CHUNK = 100;

    private final ConvexClient client;
    private final Duration time;

    /** Each number takes {@code time}, of which the first half warms up. */
    EngineRates(URI url, DeployKey key, Duration time) {
        this.client = ConvexClient.builder(url).deployKey(key).build();
        this.time = time;
    }

    /** Adds documents to {@value #TABLE} with the function {@code test:insert}, for servers that can't be filled otherwise. */
    void insert(List<ConvexObject> documents) {
        client.mutation(new FunctionPath("test:insert"), ConvexObject.of("table", ConvexValue.of(TABLE), "documents",
                ConvexValue.array(documents)), CallOptions.DEFAULT);
    }

    /** Pages of {@value #PAGE} documents a second. */
    double pages() {
        return rate(this::page);
    }

    private ConvexArray page() {
        ConvexObject page = ConvexObject.builder().put("table", TABLE).put("after", ConvexNull.NULL)
                .put("through", ConvexNull.NULL).put("documents", PAGE).put("bytes", 1_000_000).build();
        ConvexArray documents = ((ConvexObject) client
                .query(new FunctionPath("backfill:page"), page, CallOptions.DEFAULT)
                .value()).array("documents");
        if (documents.size() != PAGE) {
            throw new IllegalStateException("A page has %d documents".formatted(documents.size()));
        }
        return documents;
    }

    /** Chunks of {@value #CHUNK} changes a second. */
    double chunks() {
        List<String> ids = page().values().stream().limit(CHUNK)
                .map(document -> ((ConvexObject) document).string("_id")).toList();
        ConvexObject range = ConvexObject.of("after", ConvexNull.NULL, "through", ConvexNull.NULL);
        ConvexValue ledger = mutation("openLedger", ConvexObject.builder().put("run", "benchmark").put("token", "t")
                .put("table", TABLE).put("ranges", ConvexValue.array(range)).build()).array("ledger").get(0);
        mutation("claim", ConvexObject.of("ledger", ledger, "fence", ConvexValue.number(1)));
        int[] sequence = {0};
        return rate(() -> mutation("apply", chunk(ledger, ++sequence[0], ids)));
    }

    private ConvexObject mutation(String name, ConvexObject args) {
        return (ConvexObject) client.mutation(FunctionPath.of("backfill", name), args, CallOptions.DEFAULT).value();
    }

    private static ConvexObject chunk(ConvexValue ledger, int sequence, List<String> ids) {
        List<ConvexObject> changes = ids.stream().map(id -> ConvexObject.builder()
                .put("id", id)
                .put("expect", ConvexObject.EMPTY)
                .put("absent", ConvexValue.array())
                .put("write", ConvexObject.builder().put("kind", "patch")
                        .put("set", ConvexObject.of("n", ConvexValue.number(sequence)))
                        .put("unset", ConvexValue.array()).build())
                .build()).toList();
        return ConvexObject.builder()
                .put("ledger", ledger)
                .put("fence", 1)
                .put("sequence", sequence)
                .put("from", sequence == 1 ? ConvexNull.NULL : ConvexValue.of("p" + (sequence - 1)))
                .put("to", "p" + sequence)
                .put("isDone", false)
                .put("read", ids.size())
                .put("unchanged", 0)
                .put("deleted", 0)
                .put("quarantined", 0)
                .put("changes", ConvexValue.array(changes))
                .build();
    }

    private double rate(Runnable work) {
        repeat(work, time.dividedBy(2));
        long started = System.nanoTime();
        int count = repeat(work, time.dividedBy(2));
        return count * 1e9 / (System.nanoTime() - started);
    }

    private static int repeat(Runnable work, Duration time) {
        int count = 0;
        for (long end = System.nanoTime() + time.toNanos(); System.nanoTime() < end; count++) {
            work.run();
        }
        return count;
    }

    @Override
    public void close() {
        client.close();
    }
}
