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
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.schema.TableNames;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The schemas as one transaction sees them: at most one is active and at most one is pending or validated. Not thread-safe.
 * Source: {@code crates/database/src/bootstrap_model/schema} of the Convex backend.
 */
public final class SchemaCatalog {

    /** The number of the table in which Convex keeps schemas; their ids carry it. */
    private static final long TABLE_NUMBER = 5;
    /** How long schemas are kept that have failed or were overwritten; source: the Convex backend, as above. */
    private static final Duration KEPT = Duration.ofHours(1);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Store store;
    private final Transaction entries;
    private final double now;
    private @Nullable List<SchemaRow> known;

    /** {@code now} is in milliseconds since 1970. */
    SchemaCatalog(Store store, Transaction entries, double now) {
        this.store = store;
        this.entries = entries;
        this.now = now;
    }

    /** The schema of that id; empty if there is none, or no longer. */
    public Optional<SchemaRow> find(String id) {
        return rows().stream().filter(row -> row.id().equals(id)).findFirst();
    }

    /** The schema that every write must fit. */
    public Optional<DatabaseSchema> active() {
        return activeRow().map(this::schema);
    }

    /** The schema that is being pushed. */
    public Optional<DatabaseSchema> inProgress() {
        return inProgressRow().map(this::schema);
    }

    /** How many documents were checked against a pending schema; empty if none is, or if that has not begun. */
    public Optional<Progress> progress() {
        return inProgressRow().filter(row -> row.state() == SchemaState.PENDING)
                .flatMap(row -> Optional.ofNullable(entries.get(Keys.schemaProgress(row.id())))).map(Progress::decode);
    }

    Optional<SchemaRow> activeRow() {
        return rows().stream().filter(row -> row.state() == SchemaState.ACTIVE).findFirst();
    }

    Optional<SchemaRow> inProgressRow() {
        return rows().stream().filter(row -> row.state().isInProgress()).findFirst();
    }

    DatabaseSchema schema(SchemaRow row) {
        return store.knownSchemas().computeIfAbsent(row.id(), id -> DatabaseSchema.fromJson(
                new String(requireNonNull(entries.peek(Keys.schemaJson(id))), StandardCharsets.UTF_8)));
    }

    private List<SchemaRow> rows() {
        List<SchemaRow> rows = known;
        if (rows == null) {
            rows = new ArrayList<>();
            Transaction.Scan scan = entries.scan(Keys.FIRST_SCHEMA, Keys.AFTER_SCHEMAS, false);
            while (scan.next()) {
                rows.add(SchemaRow.decode(scan.value()));
            }
            known = rows;
        }
        return rows;
    }

    /** Forgets what it knows, because what the transaction wrote was rolled back. */
    void forget() {
        known = null;
    }

    private void put(SchemaRow row) {
        entries.put(Keys.schema(row.id()), row.encode());
        if (!row.state().equals(SchemaState.PENDING)) {
            entries.delete(Keys.schemaProgress(row.id()));
        }
        known = null;
    }

    /**
     * Refuses a document that does not fit the active schema; one that does not fit the schema in progress makes that fail.
     */
    void enforce(String table, ConvexObject document, TableNames names) {
        check(schema -> schema.problem(table, document, names), table,
                "Failed to insert or update a document in table \"%s\" because it does not match the schema: "
                        .formatted(table),
                "New document in table \"%s\" does not match the schema: ".formatted(table));
    }

    /** As {@link #enforce}, for a table that is to be deleted. */
    void enforceDeletion(String table) {
        check(schema -> schema.problemOfDeleting(table), table, "", "");
    }

    private interface Rule {

        /** What is wrong by a schema; null if nothing is. */
        @Nullable
        String problem(DatabaseSchema schema);
    }

    private void check(Rule rule, String table, String refusal, String failure) {
        SchemaRow active = activeRow().orElse(null);
        String refused = active == null ? null : rule.problem(schema(active));
        if (refused != null) {
            throw new InvalidOperationException(refusal + refused);
        }
        SchemaRow row = inProgressRow().orElse(null);
        String failed = row == null ? null : rule.problem(schema(row));
        if (row != null && failed != null) {
            put(row.failed(failure + failed, table));
        }
    }

    /** Puts a schema up for validation, unless it is the active one or already up. Overwrites another that was. */
    SchemaRow submit(DatabaseSchema schema) {
        SchemaRow active = activeRow().orElse(null);
        SchemaRow inProgress = inProgressRow().orElse(null);
        SchemaRow same = active != null && schema(active).equals(schema) ? active : null;
        if (inProgress != null && same == null && schema(inProgress).equals(schema)) {
            return inProgress;
        }
        if (inProgress != null) {
            put(inProgress.with(SchemaState.OVERWRITTEN));
        }
        if (same != null) {
            return same;
        }
        forgetOld();
        byte[] internal = new byte[DocumentId.INTERNAL_LENGTH];
        RANDOM.nextBytes(internal);
        SchemaRow row = new SchemaRow(DocumentId.of(TABLE_NUMBER, internal).toString(), SchemaState.PENDING, now, null,
                null);
        entries.put(Keys.schemaJson(row.id()), schema.toJson().getBytes(StandardCharsets.UTF_8));
        put(row);
        return row;
    }

    private void forgetOld() {
        for (SchemaRow row : List.copyOf(rows())) {
            boolean isOver = row.state() == SchemaState.FAILED || row.state() == SchemaState.OVERWRITTEN;
            if (isOver && row.pushedAt() < now - KEPT.toMillis()) {
                entries.delete(Keys.schema(row.id()));
                entries.delete(Keys.schemaJson(row.id()));
            }
        }
        known = null;
    }

    /** Has all documents checked once more, if a schema is in progress. */
    void validateAgain() {
        inProgressRow().ifPresent(row -> put(row.with(SchemaState.PENDING)));
    }

    /** Does nothing unless the schema is pending. */
    void markValidated(String id) {
        find(id).filter(row -> row.state() == SchemaState.PENDING)
                .ifPresent(row -> put(row.with(SchemaState.VALIDATED)));
    }

    /** Does nothing unless the schema is in progress. */
    void markFailed(String id, String error, String table) {
        find(id).filter(row -> row.state().isInProgress()).ifPresent(row -> put(row.failed(error, table)));
    }

    /** The schema must be validated, or active already. */
    void activate(SchemaRow validated) {
        activeRow().filter(active -> !active.id().equals(validated.id()))
                .ifPresent(active -> put(active.with(SchemaState.OVERWRITTEN)));
        put(validated.with(SchemaState.ACTIVE));
    }
}
