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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.local.schema.DatabaseSchema;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives a deployment another schema, as {@code npx convex deploy} does: {@link #prepare} adds the tables and indexes that are
 * new and puts the schema up for validation, {@link Maintenance} builds and checks behind the app, and {@link #finish} makes
 * the schema the active one. Thread-safe.
 */
public final class SchemaPush {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private final Store store;
    private final Maintenance maintenance;
    private final StopSignal closing;

    /** {@code closing} ends waits. */
    public SchemaPush(Store store, Maintenance maintenance, StopSignal closing) {
        this.store = store;
        this.maintenance = maintenance;
        this.closing = closing;
    }

    /** What has become of a push. */
    public sealed interface Outcome {

        /** The id of the schema. */
        String schemaId();

        /** Every write must fit the schema from now on, and its indexes can be queried. */
        record Active(String schemaId) implements Outcome {}

        /** A document does not fit, in Convex's words; the schema that was active before still is. */
        record Failed(String schemaId, String error, @Nullable String table) implements Outcome {}

        /** Another schema was pushed before this one was done. */
        record Overwritten(String schemaId) implements Outcome {}
    }

    /** A schema that is put up for validation. */
    public record Prepared(String schemaId, IndexDiff indexes) {}

    /**
     * How far a push is.
     *
     * @param isReady true if {@link #finish} has nothing more to wait for: the schema failed, or it is validated and its
     *                indexes are built
     */
    public record Status(SchemaRow schema, boolean isReady) {}

    /** Pushes a schema and returns when it is active, or never will be. */
    public Outcome push(DatabaseSchema schema) {
        String id = prepare(schema).schemaId();
        await(id);
        return finish(id);
    }

    /** Begins a push. The schema that was active still is. */
    public Prepared prepare(DatabaseSchema schema) {
        Prepared prepared = Retries.commit(store, transaction -> {
            IndexDiff indexes = new IndexChanges(new TableCatalog(transaction), schema).prepare();
            return new Prepared(catalog(transaction).submit(schema).id(), indexes);
        });
        maintenance.wake();
        return prepared;
    }

    /** How far a push is; empty if there is none of that id, or no longer. */
    public Optional<Status> status(String schemaId) {
        Transaction transaction = store.begin();
        try {
            SchemaCatalog schemas = catalog(transaction);
            return schemas.find(schemaId).map(row -> new Status(row, switch (row.state()) {
                case PENDING -> false;
                case VALIDATED,
                        ACTIVE -> new IndexChanges(new TableCatalog(transaction), schemas.schema(row)).isReady();
                case FAILED, OVERWRITTEN -> true;
            }));
        } finally {
            store.end(transaction);
        }
    }

    private void await(String schemaId) {
        while (!status(schemaId).map(Status::isReady).orElse(true)) {
            if (closing.await(LOOK_AGAIN)) {
                throw new IllegalStateException("The deployment was closed while a schema was pushed");
            }
        }
    }

    /** Makes a schema the active one, with its indexes. Throws {@link IllegalStateException} if it is not ready. */
    public Outcome finish(String schemaId) {
        Outcome outcome = Retries.commit(store, transaction -> {
            SchemaCatalog schemas = catalog(transaction);
            SchemaRow row = schemas.find(schemaId).orElse(null);
            if (row == null) {
                return new Outcome.Overwritten(schemaId);
            }
            return switch (row.state()) {
                case PENDING -> throw notReady(schemaId);
                case FAILED -> new Outcome.Failed(schemaId, String.valueOf(row.error()), row.table());
                case OVERWRITTEN -> new Outcome.Overwritten(schemaId);
                case VALIDATED, ACTIVE -> activate(transaction, schemas, row);
            };
        });
        maintenance.wake();
        return outcome;
    }

    private static Outcome activate(Transaction transaction, SchemaCatalog schemas, SchemaRow row) {
        IndexChanges indexes = new IndexChanges(new TableCatalog(transaction), schemas.schema(row));
        if (!indexes.isReady()) {
            throw notReady(row.id());
        }
        indexes.apply();
        schemas.activate(row);
        return new Outcome.Active(row.id());
    }

    private static IllegalStateException notReady(String schemaId) {
        return new IllegalStateException("The schema '%s' is still being checked, or its indexes built; wait for it"
                .formatted(schemaId));
    }

    private SchemaCatalog catalog(Transaction transaction) {
        return new SchemaCatalog(store, transaction, store.clock().millis());
    }
}
