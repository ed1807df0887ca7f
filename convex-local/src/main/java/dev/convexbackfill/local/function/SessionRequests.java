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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.FunctionRunner.Completed;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.Store;
import dev.convexbackfill.local.store.StoredDocument;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What mutations of clients with a session have answered, kept in their own transactions, so that one that is sent again is
 * answered again and not carried out again. The rows look as in the Convex backend ({@code crates/model/src/session_requests}).
 */
public final class SessionRequests {

    private static final String BY_REQUEST = "by_session_id_and_request_id";
    static final Map<String, List<String>> INDEXES = Map.of(BY_REQUEST, List.of("sessionId", "requestId"));

    /** Source: {@code MAX_SESSION_CLEANUP_DURATION} of the Convex backend. */
    private static final Duration RETENTION = Duration.ofDays(14);
    private static final int REMOVED_AT_ONCE = 1000;

    private SessionRequests() {}

    /** What a mutation of a session writes besides, in its own transaction. */
    static MoreWrites writes(SessionRequest request, Caller caller) {
        return new MoreWrites() {
            @Override
            public @Nullable Completed earlier(DocumentTransaction transaction) {
                return find(transaction, request);
            }

            @Override
            public boolean before(DocumentTransaction transaction) {
                return true;
            }

            @Override
            public void after(DocumentTransaction transaction, ConvexValue value, LogLines lines) {
                record(transaction, request, caller, value, lines.lines());
            }
        };
    }

    /** What the request has answered, with the time of its commit; null if it was never carried out. */
    private static @Nullable Completed find(DocumentTransaction transaction, SessionRequest request) {
        IndexBounds bounds = new IndexBounds(
                Arrays.asList(ConvexValue.of(request.session().toString()), ConvexValue.int64(request.request())), null,
                null);
        StoredDocument row = transaction.scan(SystemTables.SESSION_REQUESTS, BY_REQUEST, bounds, false, null).next();
        if (row == null) {
            return null;
        }
        ConvexObject outcome = row.value().object("outcome");
        List<String> logLines = outcome.array("logLines").values().stream().map(line -> ((ConvexString) line).value())
                .toList();
        return new Completed(ConvexJson.decode(outcome.string("result")), logLines, row.timestamp());
    }

    private static void record(DocumentTransaction transaction, SessionRequest request, Caller caller,
            ConvexValue result,
            List<String> logLines) {
        SystemTables.ensureSessionRequests(transaction);
        transaction.insert(SystemTables.SESSION_REQUESTS, ConvexObject.builder()
                .put("sessionId", request.session().toString())
                .put("requestId", ConvexValue.int64(request.request()))
                .put("identity", identity(caller))
                // the result as text: it may be larger and deeper than a document
                .put("outcome", ConvexObject.builder()
                        .put("type", "mutation")
                        .put("result", ConvexJson.encodeToString(result))
                        .put("logLines", ConvexValue.array(logLines.stream().map(ConvexValue::of).toList()))
                        .build())
                .build());
    }

    private static String identity(Caller caller) {
        ConvexObject user = caller.user();
        if (user != null) {
            return "user:" + user.optionalString("tokenIdentifier");
        }
        return caller.isAdmin() ? "instance_admin" : "unknown";
    }

    /** Removes what was carried out more than two weeks ago. Returns how many rows that were. */
    public static int removeOld(Store store) {
        double oldest = (double) store.clock().instant().minus(RETENTION).toEpochMilli();
        IndexBounds old = new IndexBounds(List.of(), null, new IndexBounds.Bound(ConvexValue.number(oldest), false));
        int removed = 0;
        int last;
        do {
            last = removeSome(store, old);
            removed += last;
        } while (last == REMOVED_AT_ONCE);
        return removed;
    }

    private static int removeSome(Store store, IndexBounds old) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(store,
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            DocumentScan scan = transaction.scan(SystemTables.SESSION_REQUESTS, "by_creation_time", old, false, null);
            int removed = 0;
            for (StoredDocument row = scan.next(); row != null && removed < REMOVED_AT_ONCE; row = scan.next()) {
                transaction.delete(row.id());
                removed++;
            }
            transaction.commit();
            return removed;
        } catch (ConflictException _) {
            // they are still there the next time
            return 0;
        }
    }
}
