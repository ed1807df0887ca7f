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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.schema.TableNames;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks the documents that were there before a schema against it, some at a time, while the app goes on writing: writes are
 * checked themselves. Begins again after a crash.
 */
final class SchemaValidation {

    private static final int PAGE = 500;

    private final Store store;
    private @Nullable Check check;

    SchemaValidation(Store store) {
        this.store = store;
    }

    /** Checks some documents against the schema that is pending. Returns false if none is. */
    boolean work() {
        Transaction transaction = store.begin();
        try {
            SchemaCatalog schemas = catalog(transaction);
            SchemaRow pending = schemas.inProgressRow().filter(row -> row.state() == SchemaState.PENDING).orElse(null);
            if (pending == null) {
                check = null;
                return false;
            }
            Check current = check;
            List<TableRow> tables = new TableCatalog(transaction).rows();
            // an import that takes the place of a table begins everything anew
            List<Integer> tablets = tables.stream().map(TableRow::tablet).toList();
            if (current == null || !current.id.equals(pending.id()) || !current.tablets.equals(tablets)) {
                current = new Check(pending.id(), schemas.schema(pending), tables, tablets);
                check = current;
            }
            current.page(transaction);
        } finally {
            store.end(transaction);
        }
        return true;
    }

    private SchemaCatalog catalog(Transaction transaction) {
        return new SchemaCatalog(store, transaction, store.clock().millis());
    }

    /** One schema, and the tables that are still to be checked. */
    private final class Check {

        private final String id;
        private final DatabaseSchema schema;
        private final List<Integer> tablets;
        private final List<TableRow> tables = new ArrayList<>();
        private final long total;
        private long done;
        private byte @Nullable [] position;

        Check(String id, DatabaseSchema schema, List<TableRow> all, List<Integer> tablets) {
            this.id = id;
            this.tablets = tablets;
            this.schema = schema;
            all.stream().filter(table -> schema.schemaValidation() && schema.tables().containsKey(table.name()))
                    .forEach(tables::add);
            this.total = tables.stream().mapToLong(table -> store.count(table.tablet())).sum();
        }

        void page(Transaction transaction) {
            if (tables.isEmpty()) {
                finish(schemas -> schemas.markValidated(id));
                return;
            }
            TableRow table = tables.getFirst();
            TableNames names = new TableCatalog(transaction)::nameOf;
            byte[] documents = Keys.documents(table.tablet());
            Transaction.Scan scan = transaction.scan(position == null ? documents : Bytes.successor(position),
                    Bytes.afterPrefix(documents), false);
            for (int i = 0; i < PAGE; i++) {
                if (!scan.next()) {
                    tables.removeFirst();
                    position = null;
                    return;
                }
                ConvexObject document = StoredDocument.decode(scan.value()).value();
                String problem = schema.problem(table.name(), document, names);
                if (problem != null) {
                    finish(schemas -> schemas.markFailed(id,
                            "Document with ID \"%s\" in table \"%s\" does not match the schema: %s".formatted(
                                    document.string("_id"), table.name(), problem),
                            table.name()));
                    return;
                }
                position = scan.key();
                done++;
            }
            Retries.commit(store, counting -> {
                if (catalog(counting).find(id).filter(row -> row.state() == SchemaState.PENDING).isPresent()) {
                    counting.put(Keys.schemaProgress(id), new Progress(done, total).encode(new byte[0]));
                }
                return id;
            });
        }

        private void finish(Consumer<SchemaCatalog> change) {
            Retries.commit(store, transaction -> {
                change.accept(catalog(transaction));
                return id;
            });
        }
    }
}
