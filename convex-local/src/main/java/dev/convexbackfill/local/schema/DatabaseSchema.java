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
package dev.convexbackfill.local.schema;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The schema of a deployment: its tables by name.
 *
 * @param schemaValidation whether documents must be as the tables say; indexes exist either way
 */
public record DatabaseSchema(SortedMap<String, TableSchema> tables, boolean schemaValidation) {

    /** No tables. */
    public static final DatabaseSchema EMPTY = new DatabaseSchema(new TreeMap<>(), true);

    public DatabaseSchema {
        tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
    }

    public static DatabaseSchema of(Collection<TableSchema> tables, boolean schemaValidation) {
        SortedMap<String, TableSchema> byName = new TreeMap<>();
        tables.forEach(table -> byName.put(table.name(), table));
        return new DatabaseSchema(byName, schemaValidation);
    }

    /**
     * Reads what a developer wrote, as {@code schema.export()} of the Convex library gives it, and adds
     * {@code _creationTime} to its indexes. Throws {@link InvalidSchemaException} for what Convex refuses to deploy.
     */
    public static DatabaseSchema fromExport(String json) {
        return SchemaReader.ofDeveloper(json);
    }

    /** Reads what {@link #toJson} wrote. Throws {@link InvalidSchemaException}. */
    public static DatabaseSchema fromJson(String json) {
        return SchemaReader.ofDeployment(json);
    }

    /** As Convex stores it. */
    public String toJson() {
        return SchemaWriter.toJson(this);
    }

    /** What is wrong with a document, its id and creation time aside, in Convex's words; null if nothing is. */
    public @Nullable String problem(String table, ConvexObject document, TableNames names) {
        Validator type = schemaValidation ? typeOf(table) : null;
        return type == null ? null
                : type.problem(document.without(FieldName.ID).without(FieldName.CREATION_TIME), names);
    }

    private @Nullable Validator typeOf(String table) {
        TableSchema schema = tables.get(table);
        return schema == null ? null : schema.documentType();
    }

    /** Why a table may not be deleted, in Convex's words; null if it may. */
    public @Nullable String problemOfDeleting(String table) {
        if (typeOf(table) != null) {
            return "Failed to delete table \"%s\" because it appears in the schema".formatted(table);
        }
        for (TableSchema other : tables.values()) {
            Validator type = other.documentType();
            if (type != null && refersTo(type, table)) {
                return ("Failed to delete table \"%s\" because `v.id(\"%s\")` appears in the schema of table"
                        + " \"%s\"").formatted(table, table, other.name());
            }
        }
        return null;
    }

    private static boolean refersTo(Validator validator, String table) {
        return switch (validator) {
            case Validator.Id id -> id.table().equals(table);
            case Validator.Scalar _,Validator.Literal _ -> false;
            case Validator.ArrayOf array -> refersTo(array.element(), table);
            case Validator.RecordOf record -> refersTo(record.keys(), table) || refersTo(record.values(), table);
            case Validator.Union union -> union.members().stream().anyMatch(member -> refersTo(member, table));
            case Validator.ObjectOf object -> object.fields().values().stream()
                    .anyMatch(field -> refersTo(field.type(), table));
        };
    }
}
