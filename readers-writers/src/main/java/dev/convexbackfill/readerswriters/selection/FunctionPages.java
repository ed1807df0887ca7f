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
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.config.plan.Source;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ids that a query of the app's own returns, as documents or alone. For one thread. */
public final class FunctionPages implements IdPages {

    /** What apps are used to be asked for; their queries may read other documents besides. */
    private static final int MAX_DOCUMENTS = 500;

    private final ConvexClient client;
    private final Source source;
    private final String table;
    private final long tableNumber;
    private int pages;
    /** A cursor of before, which must not come again; the place moves on after 1, 2, 4 … pages. */
    private @Nullable String landmark;
    private int landmarkAt;

    /** {@code tableNumber} is part of the ids of {@code table}. */
    public FunctionPages(ConvexClient client, Source source, String table, long tableNumber) {
        this.client = client;
        this.source = source;
        this.table = table;
        this.tableNumber = tableNumber;
    }

    @Override
    public int maxDocuments() {
        return MAX_DOCUMENTS;
    }

    @Override
    public Found read(@Nullable String cursor, int documents, CallOptions options) {
        if (cursor == null) {
            pages = 0;
            landmark = null;
            landmarkAt = 0;
        }
        ConvexValue answer = client.query(source.query(), args(cursor, documents), options).value();
        Found found = switch (source.pagination()) {
            case PAGINATION_OPTS -> page(answer);
            case NEXT_CURSOR -> items(answer);
        };
        pages++;
        if (!found.isLast()) {
            requireNoCircle(found.cursor());
        }
        return found;
    }

    private ConvexObject args(@Nullable String cursor, int documents) {
        ConvexValue place = cursor == null ? ConvexNull.NULL : ConvexValue.of(cursor);
        ConvexValue number = ConvexValue.number(documents);
        return switch (source.pagination()) {
            case PAGINATION_OPTS -> source.args().with("paginationOpts",
                    ConvexObject.of("cursor", place, "numItems", number));
            case NEXT_CURSOR -> source.args().with("cursor", place).with("limit", number);
        };
    }

    private Found page(ConvexValue answer) {
        if (answer instanceof ConvexObject object && object.get("page") instanceof ConvexArray page
                && object.get("isDone") instanceof ConvexBoolean(boolean isDone)
                && object.get("continueCursor") instanceof ConvexString(String cursor)) {
            return new Found(ids(page), cursor, isDone);
        }
        throw wrongShape(answer, "{ page, isDone, continueCursor }", "nextCursor", "{ items, nextCursor }");
    }

    private Found items(ConvexValue answer) {
        if (answer instanceof ConvexObject object && object.get("items") instanceof ConvexArray items) {
            ConvexValue next = object.get("nextCursor");
            if (next == null || next == ConvexNull.NULL) {
                return new Found(ids(items), null, true);
            }
            if (next instanceof ConvexString(String cursor)) {
                return new Found(ids(items), cursor, false);
            }
        }
        throw wrongShape(answer, "{ items, nextCursor }, with a text, null or nothing as nextCursor", "paginationOpts",
                "{ page, isDone, continueCursor }");
    }

    private InvalidSourceException wrongShape(ConvexValue answer, String wanted, String other, String otherShape) {
        String got = answer instanceof ConvexObject object ? "an object with the fields " + object.names()
                : answer.typeName();
        return new InvalidSourceException(
                ("The query '%s' returned %s as page %d, where %s is wanted. Correct the query; or set source.pagination to"
                        + " %s, if it returns %s. Nothing was written.")
                        .formatted(source.query(), got, pages + 1, wanted, other, otherShape));
    }

    private List<String> ids(ConvexArray items) {
        List<String> ids = new ArrayList<>();
        for (ConvexValue item : items) {
            String problem = switch (item) {
                case ConvexString(String id) -> add(id, ids);
                case ConvexObject document when document.get(FieldName.ID) instanceof ConvexString(String id) -> add(id,
                        ids);
                case ConvexObject _ -> "is a document without an _id";
                default -> "is %s, and neither a document nor an id".formatted(item.typeName());
            };
            if (problem != null) {
                throw new InvalidSourceException(
                        "Item %d on page %d of the query '%s' %s. It must return documents of '%s', or their ids. Nothing was written."
                                .formatted(ids.size() + 1, pages + 1, source.query(), problem, table));
            }
        }
        return ids;
    }

    /** What is wrong with the id; null if it was added. */
    private @Nullable String add(String id, List<String> ids) {
        try {
            if (DocumentId.parse(id).tableNumber() != tableNumber) {
                return "has the id '%s', which is of another table".formatted(id);
            }
        } catch (InvalidValueException _) {
            return "has '%s' for an id, which is none".formatted(id.length() <= 40 ? id : id.substring(0, 40) + "…");
        }
        ids.add(id);
        return null;
    }

    private void requireNoCircle(@Nullable String cursor) {
        if (cursor != null && cursor.equals(landmark)) {
            throw new InvalidSourceException(
                    ("The query '%s' returned the same place in its results again on page %d, so that it would never come"
                            + " to an end. It must go on from the cursor that it is given. Nothing was written.")
                            .formatted(source.query(), pages));
        }
        if (pages >= 2 * landmarkAt) {
            landmark = cursor;
            landmarkAt = pages;
        }
    }
}
