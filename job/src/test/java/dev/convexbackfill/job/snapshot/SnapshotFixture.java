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
package dev.convexbackfill.job.snapshot;

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.schema.Validator;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A deployment with an app that writes, whose snapshots are taken. */
final class SnapshotFixture implements AutoCloseable {

    private static final Validator STRING = Validator.STRING;
    private static final List<FunctionDefinition> APP = List.of(
            FunctionDefinition.mutation("app:count", Visibility.PUBLIC, Validator.object().field("id", STRING),
                    (db, args) -> {
                        ConvexObject document = requireNonNull(db.get(args.string("id")));
                        db.patch(args.string("id"), Map.of("n", ConvexValue.number(document.number("n") + 1)));
                        return ConvexNull.NULL;
                    }),
            FunctionDefinition.mutation("app:delete", Visibility.PUBLIC, Validator.object().field("id", STRING),
                    (db, args) -> {
                        db.delete(args.string("id"));
                        return ConvexNull.NULL;
                    }),
            FunctionDefinition.mutation("app:insert", Visibility.PUBLIC, Validator.object().field("table", STRING),
                    (db, args) -> ConvexValue
                            .of(db.insert(args.string("table"), ConvexObject.of("n", ConvexValue.number(-1))))));

    final LocalDeployment deployment = LocalDeployment.builder().alsoFunctions(APP).start();
    final ConvexClient client = client(deployment.url());

    ConvexClient client(URI url) {
        return ConvexClient.builder(url).deployKey(deployment.adminKey()).build();
    }

    SnapshotSource source() {
        return source(client, true);
    }

    static SnapshotSource source(ConvexClient client, boolean mayStream) {
        return new SnapshotSource(client, CallOptions.DEFAULT.withRetry(RetryPolicy.NEVER), "backfill", mayStream);
    }

    Manifest take(SnapshotPlace place, String name, String... tables) {
        return new SnapshotTaking(source(), place, 2, new Tally()).take(name, List.of(tables), false);
    }

    void load(String table, int documents) {
        deployment.load(table,
                IntStream.range(0, documents).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n))));
    }

    /** By id, and so in its order. */
    static NavigableMap<String, ConvexObject> documents(LocalDeployment deployment, String table) {
        TreeMap<String, ConvexObject> all = new TreeMap<>();
        deployment.forEach(table, document -> all.put(document.string("_id"), document));
        return all;
    }

    NavigableMap<String, ConvexObject> documents(String table) {
        return documents(deployment, table);
    }

    String anyId(String table) {
        return documents(table).firstKey();
    }

    void count(String id) {
        app("count", "id", id);
    }

    void delete(String id) {
        app("delete", "id", id);
    }

    void insert(String table) {
        app("insert", "table", table);
    }

    private void app(String function, String argument, String value) {
        client.mutation(new FunctionPath("app:" + function), ConvexObject.of(argument, ConvexValue.of(value)),
                CallOptions.DEFAULT);
    }

    @Override
    public void close() {
        client.close();
        deployment.close();
    }
}
