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
package dev.convexbackfill.local.javascript.query;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.function.Database;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.StoredDocument;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Goes through the results of a query one by one. Reads no more than it has to. Not thread-safe. */
public final class QueryStream {

    private final DocumentScan scan;
    private final List<QueryOperator> operators;
    /** How many documents each operator has let through. */
    private final long[] passed;
    private boolean isDone;

    QueryStream(DocumentScan scan, List<QueryOperator> operators) {
        this.scan = scan;
        this.operators = operators;
        this.passed = new long[operators.size()];
    }

    /** Begins a query. */
    public static QueryStream of(DatabaseQuery query, Database db) {
        return new QueryStream(db.scan(query.pages(db), null), query.operators());
    }

    /** The next document; null after the last. */
    public @Nullable ConvexObject next() {
        while (!isDone && !isLimitReached()) {
            StoredDocument document = scan.next();
            if (document == null) {
                break;
            }
            if (passes(document.value())) {
                return document.value();
            }
        }
        isDone = true;
        return null;
    }

    private boolean isLimitReached() {
        for (int i = 0; i < passed.length; i++) {
            if (operators.get(i) instanceof QueryOperator.Limit(long documents) && passed[i] >= documents) {
                return true;
            }
        }
        return false;
    }

    private boolean passes(ConvexObject document) {
        for (int i = 0; i < passed.length; i++) {
            if (operators.get(i) instanceof QueryOperator.Filter(Expression condition)
                    && !condition.isTrueOf(document)) {
                return false;
            }
            passed[i]++;
        }
        return true;
    }
}
