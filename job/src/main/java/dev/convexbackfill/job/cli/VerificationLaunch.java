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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.config.plan.Ensure;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.VerificationNames;
import dev.convexbackfill.job.schema.SchemaState;
import dev.convexbackfill.partitioner.range.Range;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Stores a run that verifies another. */
final class VerificationLaunch {

    private final RunRepository stores;
    private final Run run;
    private final Output output;

    /** {@code run} is the one to verify. */
    VerificationLaunch(RunRepository stores, Run run, Output output) {
        this.stores = stores;
        this.run = run;
        this.output = output;
    }

    /** What it is called. Throws {@link RefusedException} if {@code given} is no name; null to make one up. */
    String name(@Nullable String given) {
        String name = given != null ? given : VerificationNames.next(stores.runs(), run.name());
        if (!PlanParser.isName(name)) {
            throw new RefusedException(
                    "--name must be 1 to 60 lower-case letters, digits and dashes, not '%s'".formatted(name));
        }
        return name;
    }

    /**
     * Stores it. Throws {@link RefusedException} if the deployment does not allow it.
     *
     * @param sample how many documents to look at; null for all
     */
    void create(String verification, Plan plan, DeployKey key, @Nullable Integer sample) {
        boolean isRollback = run.kind() instanceof RunKind.Rollback;
        if (!isRollback) {
            requireOwnWork(plan);
        }
        try (ConvexClient client = ConvexClient.builder(URI.create(run.deploymentUrl())).deployKey(key).build()) {
            DeploymentCheck check = new DeploymentCheck(client);
            Map<String, Long> tables = check.checkForVerification(plan.functions());
            if (!isRollback) {
                requireSchema(check, plan);
                check.requireReferred(plan, tables);
            }
            List<Range> sources = sources(plan, tables);
            List<Range> all = new ArrayList<>(sources);
            if (!isRollback && run.write() instanceof Write.InsertInto(String target)) {
                long number = tables.getOrDefault(target, tables.getOrDefault(run.table(), 1L));
                Range.cut(number, sources.size()).forEach(
                        range -> all.add(new Range(sources.size() + range.number(), range.after(), range.through())));
            }
            Integer ofEachRange = sample == null ? null
                    : Integer.valueOf(Math.ceilDiv(sample, sources.size()));
            stores.runs().createVerification(verification, new RunKind.Verification(run.name(), ofEachRange),
                    UUID.randomUUID().toString(), plan, all);
            output.say("Run '%s' verifies '%s' in '%s' of %s".formatted(verification, run.name(), run.table(),
                    run.deploymentUrl()));
        }
    }

    /** Verifies a run that has ended with {@code code}, if it is complete. Returns the exit code of both. */
    static int verifyIfComplete(int code, RunContext context, DeployKey key, String run, Plan plan, Output output) {
        if (!RunExecution.isComplete(code)) {
            return code;
        }
        VerificationLaunch launch = new VerificationLaunch(context.repository(),
                context.repository().runs().find(run).orElseThrow(), output);
        String verification = launch.name(null);
        launch.create(verification, plan, key, null);
        int verified = RunExecution.execute(context, key, verification, plan, output);
        return verified == ExitCode.COMPLETED ? code : verified;
    }

    /** Throws {@link RefusedException} where only functions of the app's own know what became of which documents. */
    static void requireOwnWork(Plan plan) {
        if (plan.sink() != null) {
            throw new RefusedException(
                    "The plan hands documents to a function of the app's own ('sink'), and what that has written only it knows."
                            + " There is nothing that a verification could compare.");
        }
        if (plan.where().source() != null) {
            throw new RefusedException(
                    "The plan finds documents by a query of the app's own ('source'), and which those should have been only that"
                            + " knows. A verification would take all others for documents that were missed.");
        }
    }

    /** Throws {@link RefusedException} if the plan ensures what a schema says, and there is none. */
    static void requireSchema(DeploymentCheck check, Plan plan) {
        if (plan.ensure().stream().noneMatch(Ensure.MatchesSchema.class::isInstance)) {
            return;
        }
        SchemaState state = check.schemaOf(plan.write() instanceof Write.InsertInto(String target) ? target
                : plan.table());
        if (state != SchemaState.CHECKED) {
            throw new RefusedException(
                    ("The plan ensures 'schema: true', but of the schema in force: %s. Deploy a schema, or take it out of"
                            + " 'ensure'.").formatted(state.meaning()));
        }
    }

    /** As the run's are, but for such as somebody has removed. */
    private List<Range> sources(Plan plan, Map<String, Long> tables) {
        List<Range> known = stores.stores().ranges().list(run.name()).stream().map(row -> row.range()).toList();
        if (run.kind() instanceof RunKind.Rollback) {
            // it may have been for some of the ranges only
            return known;
        }
        int count = known.stream().mapToInt(range -> range.number() + 1).max().orElse(plan.ranges());
        Long number = tables.get(run.table());
        return Range.cut(number != null ? number
                : known.stream().map(Range::through).filter(Objects::nonNull).map(Objects::requireNonNull)
                        .mapToLong(id -> DocumentId.parse(id).tableNumber()).findFirst().orElse(1L),
                count);
    }
}
