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
package dev.convexbackfill.job.run;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.admin.SchemaDefinition;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.config.plan.Ensure;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.IndexSlice;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Sink;
import dev.convexbackfill.config.plan.Source;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.schema.SchemaRules;
import dev.convexbackfill.job.schema.SchemaState;
import dev.convexbackfill.partitioner.ledger.Ledger;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;

/** Finds out, without changing anything, whether a plan can run on a deployment. */
public final class DeploymentCheck {

    private static final RetryPolicy SHORT = RetryPolicy.DEFAULT.withGiveUpAfter(Duration.ofSeconds(5));

    private final ConvexClient client;
    private final CallOptions options;
    private final DeploymentAdmin admin;

    public DeploymentCheck(ConvexClient client) {
        this.client = client;
        this.options = CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(10)).withRetry(SHORT);
        this.admin = new DeploymentAdmin(client, options);
    }

    /**
     * A deployment that a plan can run on.
     *
     * @param tableNumber part of the ids of the table's documents
     * @param documents   how many the table has; empty if the deployment does not say
     * @param isSinkKnown false if the plan's sink could not be found without calling it, because the deployment does not say
     *                    which functions it has
     */
    public record Checked(String instanceName, long tableNumber, OptionalLong documents, boolean isSinkKnown) {}

    /** Throws {@link RefusedException} for the first thing that is wrong. */
    public Checked check(Plan plan) {
        Checked checked = checkWithoutIndex(plan);
        IndexSlice slice = plan.where().slice();
        Source source = plan.where().source();
        if (source != null) {
            new FunctionCheck(client, admin, options).requireUsable(source, plan.table(), checked.tableNumber());
        } else if (slice != null) {
            call(new SliceCheck(admin, plan.table(), slice)::requireUsable);
        }
        return checked;
    }

    /**
     * All but the index or the query that the plan selects by: a run that has found its documents needs it no more, and a replay
     * never does.
     */
    public Checked checkWithoutIndex(Plan plan) {
        requireAccess();
        requireFunctions(plan.functions());
        Map<String, Long> tables = call(admin::tableNumbers);
        Long number = tables.get(plan.table());
        if (number == null) {
            throw new RefusedException("The deployment %s has no table '%s'. It has %s. Correct 'table' in the plan."
                    .formatted(client.url(), plan.table(),
                            tables.isEmpty() ? "none" : String.join(", ", tables.keySet())));
        }
        if (plan.write() instanceof Write.InsertInto(String target)) {
            requireTarget(target, tables);
        }
        Sink sink = plan.sink();
        boolean isSinkKnown = sink == null
                || new FunctionCheck(client, admin, options).requireMutation(sink.mutation());
        requireReferred(plan, tables);
        return new Checked(call(admin::instanceName), number, size(plan.table()), isSinkKnown);
    }

    /** What a verification needs: the functions. Returns the numbers of the tables by their names. */
    public Map<String, Long> checkForVerification(String functions) {
        requireUsable(functions);
        return call(admin::tableNumbers);
    }

    /** Throws {@link RefusedException} if the plan ensures references into a table that is nowhere. */
    public void requireReferred(Plan plan, Map<String, Long> tables) {
        for (Ensure ensure : plan.ensure()) {
            if (ensure instanceof Ensure.Refers(FieldPath field, String table) && !tables.containsKey(table)
                    && !isInSchema(table)) {
                throw new RefusedException(
                        ("The plan ensures that '%s' refers to documents of '%s', and the deployment %s has no table of that name. It"
                                + " has %s. Correct 'ensure' in the plan.").formatted(field, table, client.url(),
                                        String.join(", ", tables.keySet())));
            }
        }
    }

    /** Whether the schema in force says what the documents of a table must be. */
    public SchemaState schemaOf(String table) {
        return SchemaRules.of(admin, table).activeState();
    }

    /** Throws {@link RefusedException} unless the deployment takes the key and has the functions. */
    public void requireUsable(String functions) {
        requireAccess();
        requireFunctions(functions);
    }

    /** What a rollback needs: the functions, and the table that it writes to. Returns that table's number, a part of its ids. */
    public long checkForRollback(String functions, String table) {
        requireUsable(functions);
        Long number = call(admin::tableNumbers).get(table);
        if (number == null) {
            throw new RefusedException(
                    "The deployment %s has no table '%s' any more, so there is nothing to undo in it."
                            .formatted(client.url(), table));
        }
        return number;
    }

    /** Convex would make a table that is not there, also of a name that is only misspelt. */
    private void requireTarget(String table, Map<String, Long> tables) {
        if (!tables.containsKey(table) && !isInSchema(table)) {
            throw new RefusedException(
                    ("The deployment %s has no table '%s' to insert into. It has %s. Add it to the schema and deploy that, or"
                            + " correct 'write' in the plan.").formatted(client.url(), table,
                                    String.join(", ", tables.keySet())));
        }
    }

    private boolean isInSchema(String table) {
        SchemaDefinition active = call(admin::schema).active();
        return active != null && active.tables().containsKey(table);
    }

    private OptionalLong size(String table) {
        try {
            return OptionalLong.of(admin.tableSize(table));
        } catch (ConvexException _) {
            return OptionalLong.empty();
        }
    }

    private interface Call<T> {

        T get();
    }

    private <T> T call(Call<T> call) {
        try {
            return call.get();
        } catch (ConvexException failure) {
            throw refusal(failure);
        }
    }

    private void requireAccess() {
        call(() -> {
            admin.requireValidKey();
            return true;
        });
    }

    private RefusedException refusal(ConvexException failure) {
        return new RefusedException(switch (failure.category()) {
            case UNAUTHORIZED -> ("The deployment %s does not take the deploy key (%s). Set CONVEX_DEPLOY_KEY to a key of this"
                    + " deployment; its dashboard makes one under Settings.").formatted(client.url(), failure.code());
            case UNREACHABLE -> "%s. Check the URL, and that the deployment is running."
                    .formatted(failure.getMessage());
            default -> "The deployment %s can't be used: %s".formatted(client.url(), failure.getMessage());
        }, failure);
    }

    private void requireFunctions(String module) {
        int protocol;
        try {
            protocol = new Ledger(client, options, module).protocol();
        } catch (ConvexException failure) {
            if (isMissing(module, failure)) {
                throw new RefusedException(
                        ("The functions of convex-backfill are not installed in %s as '%s'. Run `./backfill"
                                + " init DIR` with the folder of your app, then `npx convex deploy` there.")
                                .formatted(client.url(), module),
                        failure);
            }
            throw refusal(failure);
        }
        if (protocol != Ledger.PROTOCOL) {
            throw new RefusedException(
                    ("The functions of convex-backfill in %s speak protocol %d and this version speaks %d. Run"
                            + " `./backfill init DIR` with the folder of your app, then `npx convex deploy` there.")
                            .formatted(client.url(), protocol, Ledger.PROTOCOL));
        }
    }

    /** Deployments that keep their messages to themselves do not say so: then the list of functions does. */
    private boolean isMissing(String module, ConvexException failure) {
        return failure.category() == FailureCategory.FUNCTION_NOT_FOUND
                || (failure.category() == FailureCategory.FUNCTION_FAILED
                        && !call(admin::functions).contains(FunctionPath.of(module, "info")));
    }

    /** Throws {@link RefusedException} if the deployment already has a ledger of that name. */
    public void requireNoLedger(String run, Plan plan) {
        if (call(() -> new Ledger(client, options, plan.functions()).read(run)).isPresent()) {
            throw new RefusedException(
                    ("The deployment %s already has the ledger of a run '%s', which another repository"
                            + " started. To go on with it, use that repository (--repository). To begin a different run, give it"
                            + " another --name.").formatted(client.url(), run));
        }
    }
}
