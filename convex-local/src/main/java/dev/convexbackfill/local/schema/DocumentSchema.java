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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What documents must look like, by table; a table that is not in it takes anything.
 *
 * @param tables a validator of everything but {@code _id} and {@code _creationTime}
 */
public record DocumentSchema(Map<String, Validator> tables) {

    /** Every table takes anything. */
    public static final DocumentSchema NONE = new DocumentSchema(Map.of());

    public DocumentSchema {
        tables = Map.copyOf(tables);
    }

    /** As the schema of a deployment, without indexes. */
    public DatabaseSchema toDatabaseSchema() {
        return DatabaseSchema.of(tables.entrySet().stream()
                .map(table -> TableSchema.of(table.getKey(), table.getValue())).toList(), true);
    }

    /** What is wrong with a document, in Convex's words; null if nothing is. */
    public @Nullable String problem(String table, ConvexObject document, TableNames names) {
        String problem = toDatabaseSchema().problem(table, document, names);
        return problem == null ? null
                : "Failed to insert or update a document in table \"%s\" because it does not match the schema: %s"
                        .formatted(table, problem);
    }
}
