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
package dev.convexbackfill.local.store;

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.limits.ValueRules;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.TableNames;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the tables as one transaction sees it: documents, which are written with their index entries if they fit the
 * schema, and charged to the transaction when they are read or written. Not thread-safe.
 */
final class Documents {

    private final Transaction entries;
    private final TransactionUsage usage;
    private final @Nullable DocumentSchema schema;
    private final SchemaCatalog schemas;

    /** {@code schema} says what documents must look like; null for what {@code schemas}, the deployment's own, say. */
    Documents(Transaction entries, TransactionUsage usage, @Nullable DocumentSchema schema, SchemaCatalog schemas) {
        this.entries = entries;
        this.usage = usage;
        this.schema = schema;
        this.schemas = schemas;
    }

    /** How many the table had when the transaction began. Reads the whole table. */
    long count(TableRow table) {
        byte[] all = Keys.documents(table.tablet());
        entries.reads().add(all, Bytes.afterPrefix(all));
        return entries.snapshot().count(table.tablet());
    }

    /** The document, or null if there is none. */
    @Nullable
    StoredDocument read(TableRow table, String id) {
        byte[] stored = entries.get(Keys.document(table.tablet(), id));
        usage.ranges(entries.reads().counted());
        if (stored == null) {
            return null;
        }
        return charged(table, StoredDocument.decode(stored));
    }

    /** What the system keeps for itself is not charged to the function. */
    private StoredDocument charged(TableRow table, StoredDocument document) {
        if (!table.isSystem()) {
            usage.read(document.size());
        }
        return document;
    }

    /** As {@link DocumentTransaction#scan}, of a table that exists. */
    DocumentScan scan(TableRow table, String index, IndexBounds bounds, boolean reverse, byte @Nullable [] after,
            byte @Nullable [] through) {
        boolean byId = index.equals(TableRow.BY_ID);
        byte[] prefix = byId ? Keys.documents(table.tablet())
                : Keys.index(table.tablet(), table.index(index).ordinal());
        byte[] from = bounds.firstKey(prefix);
        byte[] to = bounds.endKey(prefix);
        if (after != null && !reverse) {
            from = Bytes.max(from, Bytes.successor(after));
        } else if (after != null) {
            to = Bytes.min(to, after);
        }
        if (through != null && !reverse) {
            to = Bytes.min(to, Bytes.successor(through));
        } else if (through != null) {
            from = Bytes.max(from, through);
        }
        Transaction.Scan scan = entries.scan(from, to, reverse);
        return new DocumentScan() {
            @Override
            public @Nullable StoredDocument next() {
                boolean found = scan.next();
                usage.ranges(entries.reads().counted());
                if (!found) {
                    return null;
                }
                return charged(table, StoredDocument.decode(
                        byId ? scan.value() : requireNonNull(entries.peek(documentKeyOf(table, scan.key())))));
            }

            @Override
            public byte[] place() {
                return scan.key();
            }
        };
    }

    /** An index entry ends with the sort key of the id: a tag, 31 to 37 characters without zeros, and a zero. */
    private static byte[] documentKeyOf(TableRow table, byte[] indexEntry) {
        int tag = indexEntry.length - 2;
        while (indexEntry[tag] >= '0') {
            tag--;
        }
        String id = new String(indexEntry, tag + 1, indexEntry.length - tag - 2, StandardCharsets.US_ASCII);
        return Keys.document(table.tablet(), id);
    }

    /**
     * Makes {@code changed} of {@code old}: null before a document is there, and null to delete it. Tables are named by
     * {@code names} to validators of ids.
     */
    void write(TableRow table, @Nullable StoredDocument old, @Nullable ConvexObject changed, TableNames names) {
        long size = 0;
        if (changed != null) {
            requireFits(table, changed, names);
            size = table.isSystem() ? ValueLimits.sizeOf(changed) : requireStorable(changed);
        }
        if (table.isSystem()) {
            usage.writeSystem(size);
        } else {
            usage.write(size);
        }
        String id = requireNonNull(changed != null ? changed : requireNonNull(old).value()).string(FieldName.ID);
        for (IndexRow index : table.indexes()) {
            if (old != null) {
                entries.delete(index.entry(table.tablet(), old.value(), id));
            }
            if (changed != null) {
                entries.put(index.entry(table.tablet(), changed, id), new byte[]{1});
            }
        }
        byte[] key = Keys.document(table.tablet(), id);
        if (changed == null) {
            entries.delete(key);
        } else {
            entries.put(key, StoredDocument.encode(changed));
        }
    }

    private void requireFits(TableRow table, ConvexObject document, TableNames names) {
        if (schema == null && !table.isSystem()) {
            schemas.enforce(table.name(), document, names);
        }
        String problem = schema == null ? null : schema.problem(table.name(), document, names);
        if (problem != null) {
            throw new InvalidOperationException(problem);
        }
    }

    private static long requireStorable(ConvexObject document) {
        String problem = ValueRules.problemOfDocument(document);
        if (problem != null) {
            throw new InvalidOperationException(problem);
        }
        return ValueLimits.sizeOf(document);
    }

    /** Refuses to go without a table that the active schema needs. */
    void requireNotNeeded(TableRow table) {
        if (schema == null) {
            schemas.enforceDeletion(table.name());
        }
    }
}
