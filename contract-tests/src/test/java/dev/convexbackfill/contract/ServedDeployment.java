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
package dev.convexbackfill.contract;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.net.URI;
import java.util.List;

/** A deployment of {@link DeploymentsServer}, looked into over HTTP. */
record ServedDeployment(URI url) {

    ConvexClient client() {
        return ConvexClient.builder(url).deployKey(DeploymentsServer.KEY).build();
    }

    /** All documents of a table, oldest first. */
    List<ConvexObject> documents(String table) {
        try (ConvexClient client = client()) {
            ConvexValue all = client.query(new FunctionPath("test:all"),
                    ConvexObject.of("table", ConvexValue.of(table)), CallOptions.DEFAULT).value();
            return ConvexObject.of("all", all).array("all").values().stream().map(ConvexObject.class::cast).toList();
        }
    }

    /** The field {@code n} of all documents of a table, oldest first. */
    List<Double> numbers(String table) {
        return documents(table).stream().map(document -> document.number("n")).toList();
    }

    void insert(String table, ConvexObject... documents) {
        try (ConvexClient client = client()) {
            client.mutation(new FunctionPath("test:insert"), ConvexObject.of("table", ConvexValue.of(table),
                    "documents", ConvexValue.array(documents)), CallOptions.DEFAULT);
        }
    }
}
