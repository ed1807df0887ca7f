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
package dev.convexbackfill.job.schema;

import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.admin.SchemaDefinition;
import dev.convexbackfill.client.admin.TableDefinition;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.local.schema.InvalidSchemaException;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.schema.Validator.ArrayOf;
import dev.convexbackfill.local.schema.Validator.Literal;
import dev.convexbackfill.local.schema.Validator.ObjectOf;
import dev.convexbackfill.local.schema.Validator.RecordOf;
import dev.convexbackfill.local.schema.Validator.Scalar;
import dev.convexbackfill.local.schema.Validator.Union;
import org.jspecify.annotations.Nullable;

/** Which tables can hold ids of others, by the schema in force. Where that does not say, every table can. Thread-safe. */
public final class SchemaReach {

    private final @Nullable SchemaDefinition schema;

    /** {@code schema} is the one in force; null if there is none. */
    public SchemaReach(@Nullable SchemaDefinition schema) {
        this.schema = schema;
    }

    /** Asks the deployment; one that does not say counts as one without a schema. */
    public static SchemaReach of(DeploymentAdmin admin) {
        try {
            return new SchemaReach(admin.schema().active());
        } catch (ConvexException silent) {
            if (silent.category() == FailureCategory.ABANDONED) {
                throw silent;
            }
            return new SchemaReach(null);
        }
    }

    /** Whether documents of {@code table} can hold an id of a document of {@code of}; strings may hold any. */
    public boolean mayHoldIds(String table, String of) {
        if (schema == null || !schema.validated()) {
            return true;
        }
        TableDefinition definition = schema.tables().get(table);
        ConvexObject type = definition == null ? null : definition.documentType();
        if (type == null) {
            return true;
        }
        try {
            return mayHold(Validator.fromJson(type), of);
        } catch (InvalidSchemaException newer) {
            return true;
        }
    }

    private static boolean mayHold(Validator validator, String of) {
        return switch (validator) {
            case Scalar scalar -> scalar == Scalar.ANY || scalar == Scalar.STRING;
            case Literal literal -> literal.value() instanceof ConvexString;
            case Validator.Id id -> id.table().equals(of);
            case ArrayOf array -> mayHold(array.element(), of);
            case RecordOf entries -> mayHold(entries.keys(), of) || mayHold(entries.values(), of);
            case Union union -> union.members().stream().anyMatch(member -> mayHold(member, of));
            case ObjectOf object -> object.fields().values().stream().anyMatch(field -> mayHold(field.type(), of));
        };
    }
}
