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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.partitioner.dispatch.TaskQueue;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.range.Range;
import dev.convexbackfill.readerswriters.verification.Accounting;
import dev.convexbackfill.readerswriters.verification.Accounting.Account;
import dev.convexbackfill.readerswriters.verification.Mismatch;
import dev.convexbackfill.readerswriters.verification.MismatchKind;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Undoes a run, in a run of its own. */
@Command(name = "rollback", description = "Undo what a run has done, except where the app has written since.")
final class RollbackCommand implements Callable<Integer> {

    /** What can be wrong with what a rollback works from. */
    private static final Set<MismatchKind> OF_THE_REPOSITORY = EnumSet.of(MismatchKind.MISSING_RANGE,
            MismatchKind.JOURNAL_DIFFERS, MismatchKind.COPIES_DIFFER);
    private static final int MAX_NAME = 60;
    private static final int MAX_ONLY = 1000;

    /** What becomes of what the app has written since. */
    enum OnConflict {
        skip, force
    }

    @Parameters(paramLabel = "RUN", description = "The run to undo, with its replays.")
    private @Nullable String name;

    @Option(names = "--name", paramLabel = "NAME", description = "The rollback's own name. Default: RUN-rollback-1, and so on.")
    private @Nullable String rollbackName;

    @Option(names = "--only", paramLabel = "ID", arity = "1..*", description = "Undo only these documents.")
    private List<String> only = new ArrayList<>();

    @Option(names = "--range", paramLabel = "N", arity = "1..*", description = "Undo only these ranges of the run, the first of which is 0.")
    private List<Integer> onlyRanges = new ArrayList<>();

    @Option(names = "--on-conflict", paramLabel = "WHAT", description = "What the app has written since: skip it (the default), or force it back.")
    private OnConflict onConflict = OnConflict.skip;

    @Option(names = "--confirm", paramLabel = "force", description = "With --on-conflict force: that the app's writes are to be overwritten.")
    private @Nullable String confirm;

    @Option(names = "--verify", description = "When it is complete, also verify it: the exit code is 3 if something is wrong.")
    private boolean verify;

    @Option(names = "--incomplete", description = "Undo what the journal has, although the repository has lost a part of it.")
    private boolean incomplete;

    @Option(names = "--no-references", description = "If deleted documents are put back: do not look for references to their old ids afterwards.")
    private boolean noReferences;

    @Mixin
    private final DeploymentOptions deployment = new DeploymentOptions();

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final DetachOption detach = new DetachOption();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        boolean isForced = onConflict == OnConflict.force;
        if (isForced != "force".equals(confirm)) {
            throw new RefusedException(isForced
                    ? "--on-conflict force overwrites what the app has written since the run. If that is what you want, add --confirm force"
                    : "--confirm force is only for --on-conflict force");
        }
        if (verify && detach.isGiven()) {
            throw new RefusedException(
                    "--verify is for a rollback that is followed; after --detach, when it is complete: ./backfill verify ROLLBACK");
        }
        DeployKey key = deployment.key();
        BackfillSettings settings = RepositoryOptions.settings();
        String rollback;
        try (RunContext context = repository.open(settings)) {
            RunRepository stores = context.repository();
            Run run = undone(stores, requireNonNull(name));
            ResumeCommand.requireSameDeployment(deployment, run);
            rollback = rollbackName != null ? rollbackName
                    : nextName(run.name(), stores.runs().rollbacks(run.name()).size());
            if (!PlanParser.isName(rollback)) {
                throw new RefusedException(
                        "--name must be 1 to 60 lower-case letters, digits and dashes, not '%s'".formatted(rollback));
            }
            detach.requirePossible(rollback, deployment);
            giveUp(stores, run, settings);
            Plan plan = run.plan();
            create(stores, run, plan, key, rollback, isForced);
            if (!detach.isGiven()) {
                int code = RunExecution.execute(context, key, rollback, plan, output,
                        new RollbackEnding(stores, key, !noReferences, output));
                return verify ? VerificationLaunch.verifyIfComplete(code, context, key, rollback, plan, output) : code;
            }
        }
        return DetachedRun.launch(rollback, noReferences ? List.of(ResumeCommand.NO_REFERENCES) : List.of(), deployment,
                repository, output);
    }

    private static Run undone(RunRepository stores, String name) {
        Run run = stores.runs().find(name).orElseThrow(() -> ResumeCommand.unknown(name));
        return switch (run.kind()) {
            case RunKind.Backfill _ when run
                    .write() instanceof Write.Call(FunctionPath mutation) -> throw new RefusedException(
                            "Run '%s' has called '%s', and there is no journal of what that has written: it can't be undone."
                                    .formatted(name, mutation));
            case RunKind.Backfill _ -> run;
            case RunKind.Retry(var replay) -> throw new RefusedException(
                    "Run '%s' is a replay of '%s', and undone with it: ./backfill rollback %s".formatted(name,
                            replay.of(), replay.of()));
            case RunKind.Verification _ -> throw new RefusedException(
                    "Run '%s' is a verification, which has changed nothing".formatted(name));
            case RunKind.Rollback(String of, _, _) -> throw new RefusedException(
                    "Run '%s' is a rollback of '%s'. To have what that did again, launch its plan under another --name."
                            .formatted(name, of));
        };
    }

    /** A run whose process was killed rests, once its lease is over. */
    private void giveUp(RunRepository stores, Run undone, BackfillSettings settings) {
        for (Run run : stores.runs().family(undone.name())) {
            if (run.state() == RunState.RUNNING || run.state() == RunState.CREATED) {
                ResumeCommand.requireFree(stores, run.name(), settings.lease(), output);
                stores.tasks().deleteOfRun(TaskQueue.RUNS, run.name());
                stores.tasks().deleteOfRun(TaskQueue.RANGES, run.name());
                stores.runs().end(run.name(), RunState.STOPPED, "No process executed it any more");
            }
        }
    }

    private static String nextName(String run, int before) {
        String end = "-rollback-" + (before + 1);
        return run.substring(0, Math.min(run.length(), MAX_NAME - end.length())) + end;
    }

    private void create(RunRepository stores, Run run, Plan plan, DeployKey key, String rollback, boolean isForced) {
        Write undo = switch (run.write()) {
            case Write.Patch _,Write.Replace _ -> new Write.Patch();
            case Write.Delete _ -> new Write.InsertInto(run.table());
            case Write.InsertInto _ -> new Write.Delete();
            case Write.Call _ -> throw new IllegalStateException("What a function has written is not undone");
        };
        String table = run.write() instanceof Write.InsertInto(String target) ? target : run.table();
        List<String> ids = ids(table);
        try (ConvexClient client = ConvexClient.builder(URI.create(run.deploymentUrl())).deployKey(key).build()) {
            DeploymentCheck check = new DeploymentCheck(client);
            long tableNumber = check.checkForRollback(plan.functions(), table);
            check.requireNoLedger(rollback, plan);
            requireWhole(stores, run, new Ledger(client, CallOptions.DEFAULT, plan.functions()));
            List<Range> ranges = ranges(stores, run, plan, tableNumber);
            stores.runs().createRollback(rollback, new RunKind.Rollback(run.name(), isForced, ids),
                    UUID.randomUUID().toString(), run, table, undo, ranges);
            output.say("Run '%s' undoes '%s'%s in '%s' of %s".formatted(rollback, run.name(),
                    ids.isEmpty() ? "" : " for %d documents".formatted(ids.size()), table, run.deploymentUrl()));
            if (undo instanceof Write.InsertInto) {
                output.say(
                        "Documents that were deleted come back with new ids: Convex gives none twice. References to the"
                                + " old ones are mended by a plan with the step `reference: { field: …, run: %s }`."
                                        .formatted(rollback));
            }
        }
    }

    /** A journal that has lost something would leave changes of the run without a word. */
    private void requireWhole(RunRepository stores, Run undone, Ledger ledger) {
        Accounting accounting = new Accounting(stores.jdbc(), stores.transactions(), stores.stores().ranges(), ledger);
        List<String> lost = new ArrayList<>();
        for (Run run : stores.runs().family(undone.name())) {
            accounting.check(new Account(run.name(), run.token(), run.write(), false, true, false)).mismatches()
                    .stream()
                    .filter(mismatch -> OF_THE_REPOSITORY.contains(mismatch.kind())).map(Mismatch::message)
                    .forEach(lost::add);
        }
        if (!lost.isEmpty() && !incomplete) {
            throw new RefusedException(
                    "The repository has lost a part of what it knew of run '%s', so not all of it can be undone; nothing was. To undo"
                            .formatted(undone.name()) + " what it still knows, add --incomplete. What is missing:\n  "
                            + String.join("\n  ", lost));
        }
    }

    private List<String> ids(String table) {
        if (only.size() > MAX_ONLY) {
            throw new RefusedException("--only takes up to %d ids".formatted(MAX_ONLY));
        }
        for (String id : only) {
            if (!DocumentId.isValid(id)) {
                throw new RefusedException(
                        "--only takes ids of documents in '%s', and '%s' is none".formatted(table, id));
            }
        }
        return only;
    }

    private List<Range> ranges(RunRepository stores, Run run, Plan plan, long tableNumber) {
        if (onlyRanges.isEmpty()) {
            return Range.cut(tableNumber, only.isEmpty() ? plan.ranges() : 1);
        }
        if (run.write() instanceof Write.InsertInto) {
            throw new RefusedException(
                    "Run '%s' has inserted into another table, whose ids its ranges do not divide; --range is not for it"
                            .formatted(run.name()));
        }
        List<Range> all = stores.stores().ranges().list(run.name()).stream().map(row -> row.range()).toList();
        List<Range> chosen = new ArrayList<>();
        for (int number : onlyRanges.stream().sorted().distinct().toList()) {
            if (number < 0 || number >= all.size()) {
                throw new RefusedException(
                        "Run '%s' has the ranges 0 to %d, not %d".formatted(run.name(), all.size() - 1, number));
            }
            chosen.add(new Range(chosen.size(), all.get(number).after(), all.get(number).through()));
        }
        return chosen;
    }
}
