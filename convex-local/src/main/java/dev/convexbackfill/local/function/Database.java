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
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.InvalidOperationException;
import dev.convexbackfill.local.store.StoredDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a function sees of the deployment: {@code ctx.db}. Refused operations throw
 * {@link dev.convexbackfill.local.store.InvalidOperationException}, broken limits
 * {@link dev.convexbackfill.local.limits.LimitExceededException}; a function may catch either and go on.
 */
public final class Database {

    private final DocumentTransaction transaction;
    private final Cursors cursors;
    private final FunctionDefinition function;
    private final Journal journal;
    private boolean paginated;

    Database(DocumentTransaction transaction, Cursors cursors, FunctionDefinition function, Journal journal) {
        this.transaction = transaction;
        this.cursors = cursors;
        this.function = function;
        this.journal = journal;
    }

    /** The document, or null. */
    public @Nullable ConvexObject get(String id) {
        StoredDocument document = transaction.get(id);
        return document == null ? null : document.value();
    }

    /** The id if it is one of that table, else null. */
    public @Nullable String normalizeId(String table, String id) {
        return transaction.normalizeId(table, id) == null ? null : id;
    }

    /** The name of the table that the id belongs to; null if there is none, or if it is no id. */
    public @Nullable String tableOf(String id) {
        return transaction.tableOf(id);
    }

    /** Returns the id of the new document. */
    public String insert(String table, ConvexObject fields) {
        requireMutation();
        requireOwn(table);
        return transaction.insert(table, fields).toString();
    }

    /** Sets fields; a null value removes one. */
    public void patch(String id, Map<String, ? extends @Nullable ConvexValue> fields) {
        requireMutation();
        requireOwn(transaction.tableOf(id));
        transaction.patch(id, fields);
    }

    public void replace(String id, ConvexObject fields) {
        requireMutation();
        requireOwn(transaction.tableOf(id));
        transaction.replace(id, fields);
    }

    public void delete(String id) {
        requireMutation();
        requireOwn(transaction.tableOf(id));
        transaction.delete(id);
    }

    /** The first {@code limit} documents of a table, oldest first. */
    public List<ConvexObject> take(String table, int limit) {
        List<ConvexObject> documents = new ArrayList<>();
        if (limit > 0) {
            DocumentScan scan = transaction.scan(table, "by_creation_time", IndexBounds.ALL, false, null);
            for (StoredDocument next = scan.next(); next != null; next = scan.next()) {
                documents.add(next.value());
                if (documents.size() == limit) {
                    break;
                }
            }
        }
        return documents;
    }

    /** Goes through the documents of a query one by one; {@code after} is a place to go on behind, null begins. */
    public DocumentScan scan(PageQuery query, byte @Nullable [] after) {
        return transaction.scan(query.table(), query.index(), query.bounds(), query.descending(), after);
    }

    /**
     * The fields of an index, without the id, for {@link dev.convexbackfill.local.store.IndexRange#bounds}. Refuses an index
     * that can't be queried, also one of Convex's own if the table is missing.
     */
    public List<String> indexFields(String table, String index) {
        return transaction.indexFields(table, index);
    }

    /** For what the system's functions tell of a deployment. */
    DocumentTransaction transaction() {
        return transaction;
    }

    /** How many documents the table has. */
    public long count(String table) {
        return transaction.count(table);
    }

    /** The tables' numbers by name. */
    public Map<String, Long> tableNumbers() {
        return transaction.tableNumbers();
    }

    private void requireMutation() {
        if (function.kind() == FunctionKind.QUERY) {
            throw new FunctionFailedException("A query can't write");
        }
    }

    /** An app's function writes to an app's tables only. */
    private void requireOwn(@Nullable String table) {
        if (table != null && table.startsWith("_") && function.visibility() != Visibility.SYSTEM) {
            throw new InvalidOperationException("The table '%s' can't be written by an app".formatted(table));
        }
    }

    /** Which documents {@link #paginate} goes through. */
    public record PageQuery(String table, String index, IndexBounds bounds, boolean descending) {}

    /** Which of the documents that {@link #paginate} goes through it returns. */
    public interface PageCondition {

        /** All of them. */
        PageCondition NONE = _ -> true;

        boolean keeps(ConvexObject document);
    }

    /**
     * How much {@link #paginate} returns.
     *
     * @param cursor           where to go on; null begins
     * @param maximumRowsRead  ends the page early; 0 for none
     * @param maximumBytesRead ends the page early, after the document that reaches it; 0 for none
     * @param endCursor        where the page ends, whatever the other options say; null for them to say
     */
    public record PageOptions(int numItems, @Nullable String cursor, int maximumRowsRead, long maximumBytesRead,
            @Nullable String endCursor) {

        public PageOptions(int numItems, @Nullable String cursor, int maximumRowsRead, long maximumBytesRead) {
            this(numItems, cursor, maximumRowsRead, maximumBytesRead, null);
        }

        private PageOptions until(@Nullable String end) {
            return new PageOptions(numItems, cursor, maximumRowsRead, maximumBytesRead, end);
        }
    }

    /** What Convex's clients are told of a page that is large. */
    public enum PageStatus {

        SPLIT_RECOMMENDED("SplitRecommended"), SPLIT_REQUIRED("SplitRequired");

        private final String text;

        PageStatus(String text) {
            this.text = text;
        }
    }

    /**
     * A page of a query.
     *
     * @param splitCursor a place around the middle; null for a page too small to be split
     * @param status      null if the page is small
     */
    public record Page(List<ConvexObject> documents, boolean isDone, String continueCursor,
            @Nullable String splitCursor, @Nullable PageStatus status) {

        public Page {
            documents = List.copyOf(documents);
        }

        /** As Convex returns it to the function. */
        public ConvexObject toObject() {
            return ConvexObject.builder()
                    .put("page", ConvexValue.array(documents))
                    .put("isDone", isDone)
                    .put("continueCursor", continueCursor)
                    .putNullable("splitCursor", splitCursor)
                    .putNullable("pageStatus", status == null ? null : status.text)
                    .build();
        }
    }

    /** One page; only one call in a function is allowed, as in Convex. */
    public Page paginate(PageQuery query, PageOptions options) {
        return paginate(query, PageCondition.NONE, "", options);
    }

    /**
     * One page of the documents that a condition keeps; the others count as read.
     *
     * @param conditionText tells the condition from every other; cursors belong to it
     */
    public Page paginate(PageQuery query, PageCondition condition, String conditionText, PageOptions options) {
        if (paginated) {
            throw new FunctionFailedException(
                    "This query or mutation function ran multiple paginated queries. Convex only"
                            + " supports a single paginated query in each function.");
        }
        paginated = true;
        if (options.numItems() < 1) {
            throw new FunctionFailedException("Must request at least 1 document while paginating");
        }
        String end = options.endCursor() == null ? journal.previous() : options.endCursor();
        Page page = new Pagination(cursors, fingerprint(query) + conditionText, condition, options.until(end))
                .read((after, through) -> transaction.scan(query.table(), query.index(), query.bounds(),
                        query.descending(), after, through));
        journal.end(page.continueCursor());
        return page;
    }

    /** What a cursor belongs to; an index that gets other fields makes another query. */
    private String fingerprint(PageQuery query) {
        boolean isOwn = query.index().equals("by_id") || query.index().equals("by_creation_time");
        return isOwn ? query.toString() : query + " of " + indexFields(query.table(), query.index());
    }
}
