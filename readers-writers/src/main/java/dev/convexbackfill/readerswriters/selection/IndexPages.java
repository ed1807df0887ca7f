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
package dev.convexbackfill.readerswriters.selection;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.IndexSlice;
import org.jspecify.annotations.Nullable;

/** The ids of all documents in a part of an index. Thread-safe. */
public final class IndexPages implements IdPages {

    private static final int MAX_DOCUMENTS = 2000;
    private static final double MAX_BYTES = 4 << 20;

    private final ConvexClient client;
    private final FunctionPath find;
    private final ConvexObject args;

    /** {@code functions} is the module that {@code backfill.ts} is installed as. */
    public IndexPages(ConvexClient client, String functions, String table, IndexSlice slice) {
        this.client = client;
        this.find = FunctionPath.of(functions, "find");
        this.args = slice.toValue().with("table", ConvexValue.of(table)).with("bytes", ConvexValue.number(MAX_BYTES));
    }

    @Override
    public int maxDocuments() {
        return MAX_DOCUMENTS;
    }

    @Override
    public Found read(@Nullable String cursor, int documents, CallOptions options) {
        ConvexObject.Builder call = ConvexObject.builder();
        args.forEach(call::put);
        ConvexObject answer = (ConvexObject) client.query(find,
                call.putNullable("cursor", cursor).put("documents", documents).build(), options).value();
        return new Found(answer.array("ids").values().stream().map(id -> ((ConvexString) id).value()).toList(),
                answer.string("cursor"), answer.bool("isDone"));
    }
}
