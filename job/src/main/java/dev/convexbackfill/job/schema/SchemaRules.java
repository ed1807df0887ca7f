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
import dev.convexbackfill.client.admin.DeploymentSchema;
import dev.convexbackfill.client.admin.SchemaDefinition;
import dev.convexbackfill.client.admin.TableDefinition;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.local.schema.InvalidSchemaException;
import dev.convexbackfill.local.schema.Misfit;
import dev.convexbackfill.local.schema.TableNames;
import dev.convexbackfill.local.schema.Validator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the schemas of a deployment want of one table. Thread-safe. */
public final class SchemaRules {

    /** Tables of Convex's own that apps know by another name. Source: {@code virtual_system_mapping} of the Convex backend. */
    private static final Map<String, String> VIRTUAL = Map.of("_file_storage", "_storage", "_scheduled_jobs",
            "_scheduled_functions");

    private final Rule active;
    private final Rule pending;
    private final TableNames names;

    /** What one schema wants; no validator takes anything. */
    private record Rule(SchemaState state, @Nullable Validator validator) {

        static final Rule UNKNOWN = new Rule(SchemaState.UNKNOWN, null);
    }

    private SchemaRules(Rule active, Rule pending, TableNames names) {
        this.active = active;
        this.pending = pending;
        this.names = names;
    }

    /** For what a function of the app's own writes. */
    public static SchemaRules notForeseen() {
        Rule rule = new Rule(SchemaState.NOT_FORESEEN, null);
        return new SchemaRules(rule, rule, TableNames.NONE);
    }

    /** Asks the deployment. What it does not say is {@link SchemaState#UNKNOWN}, and takes anything. */
    public static SchemaRules of(DeploymentAdmin admin, String table) {
        try {
            Map<Long, String> names = new HashMap<>();
            admin.tableNumbers().forEach((name, number) -> names.put(number, VIRTUAL.getOrDefault(name, name)));
            DeploymentSchema schemas = admin.schema();
            return new SchemaRules(rule(schemas.active(), table), rule(schemas.inProgress(), table), names::get);
        } catch (ConvexException silent) {
            return new SchemaRules(Rule.UNKNOWN, Rule.UNKNOWN, TableNames.NONE);
        }
    }

    private static Rule rule(@Nullable SchemaDefinition schema, String table) {
        if (schema == null) {
            return new Rule(SchemaState.NONE, null);
        }
        if (!schema.validated()) {
            return new Rule(SchemaState.NOT_ENFORCED, null);
        }
        TableDefinition definition = schema.tables().get(table);
        ConvexObject type = definition == null ? null : definition.documentType();
        if (type == null) {
            return new Rule(SchemaState.TABLE_IS_FREE, null);
        }
        try {
            return new Rule(SchemaState.CHECKED, Validator.fromJson(type));
        } catch (InvalidSchemaException newer) {
            return Rule.UNKNOWN;
        }
    }

    public SchemaState activeState() {
        return active.state();
    }

    public SchemaState pendingState() {
        return pending.state();
    }

    /** How a document does not fit the schema in force; null if it does. */
    public @Nullable Misfit activeMisfit(ConvexObject document) {
        return misfit(active, document);
    }

    /** How a document does not fit the schema that is being deployed; null if it does. */
    public @Nullable Misfit pendingMisfit(ConvexObject document) {
        return misfit(pending, document);
    }

    private @Nullable Misfit misfit(Rule rule, ConvexObject document) {
        return rule.validator() == null ? null : Misfit.find(rule.validator(), withoutSystemFields(document), names);
    }

    /** What Convex says of a document that does not fit the schema in force; null if it does. */
    public @Nullable String problem(ConvexObject document) {
        return active.validator() == null ? null : active.validator().problem(withoutSystemFields(document), names);
    }

    private static ConvexObject withoutSystemFields(ConvexObject document) {
        return document.without(FieldName.ID).without(FieldName.CREATION_TIME);
    }
}
