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

import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.transform.ExternalTransforms;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import dev.convexbackfill.readerswriters.verification.Accounting;
import dev.convexbackfill.readerswriters.verification.Accounting.Account;
import dev.convexbackfill.readerswriters.verification.DocumentLookup;
import dev.convexbackfill.readerswriters.verification.Mismatch;
import dev.convexbackfill.readerswriters.verification.RunFacts;
import dev.convexbackfill.readerswriters.verification.VerifiedRanges;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/** A run that is verified, with the replays that it has by now. Thread-safe. */
final class VerifiedRun implements AutoCloseable {

    private final List<Run> family;
    private final List<TransformChain> chains;
    private final RunRepository repository;

    private VerifiedRun(List<Run> family, List<TransformChain> chains, RunRepository repository) {
        this.family = List.copyOf(family);
        this.chains = List.copyOf(chains);
        this.repository = repository;
    }

    /** {@code plan} is that of the verification: it does to documents what the run's does. */
    static VerifiedRun of(RunKind.Verification verification, Plan plan, RunRepository repository,
            Function<Instant, ExternalTransforms> codeAt) {
        List<Run> family = repository.runs().family(verification.of());
        Run first = family.getFirst();
        List<TransformChain> chains = new ArrayList<>();
        if (first.kind() instanceof RunKind.Rollback) {
            return new VerifiedRun(family, chains, repository);
        }
        try {
            chains.add(TransformChain.of(plan, repository.transforms(codeAt.apply(first.createdAt()))));
            for (Run replay : family.subList(1, family.size())) {
                if (!replay.planDigest().equals(first.planDigest())) {
                    chains.add(TransformChain.of(replay.plan(),
                            repository.transforms(codeAt.apply(replay.createdAt()))));
                }
            }
        } catch (RuntimeException failed) {
            chains.forEach(TransformChain::close);
            throw failed;
        }
        return new VerifiedRun(family, chains, repository);
    }

    String name() {
        return family.getFirst().name();
    }

    Write write() {
        return family.getFirst().write();
    }

    boolean isComplete() {
        return family.stream().allMatch(run -> run.state() == RunState.COMPLETED);
    }

    RunKind kind() {
        return family.getFirst().kind();
    }

    /** What its plan does, and what the plans of its replays do; none of a rollback. */
    List<TransformChain> chains() {
        return chains;
    }

    /** What its parts say of each other. */
    Accounting.Result account(Ledger ledger) {
        Accounting accounting = new Accounting(repository.jdbc(), repository.transactions(),
                repository.stores().ranges(), ledger);
        List<Mismatch> wrong = new ArrayList<>();
        Set<Integer> broken = new HashSet<>();
        for (Run run : family) {
            boolean isFirst = run.equals(family.getFirst());
            Accounting.Result result = accounting.check(new Account(run.name(), run.token(), run.write(),
                    run.state() == RunState.COMPLETED, isFirst && family.size() > 1,
                    run.kind() instanceof RunKind.Rollback));
            wrong.addAll(result.mismatches());
            if (isFirst) {
                broken.addAll(result.brokenRanges());
            }
        }
        return new Accounting.Result(wrong, broken);
    }

    /** What is known of it by now. */
    RunFacts facts(Ledger ledger, Set<Integer> brokenRanges) {
        Run first = family.getFirst();
        List<RangeRow> rows = repository.stores().ranges().list(first.name());
        Set<String> inDoubt = new HashSet<>();
        if (!isComplete()) {
            for (Run run : family) {
                ledger.read(run.name()).ifPresent(read -> read.entries().forEach(entry -> {
                    if (entry != null) {
                        entry.unsettled().forEach(skip -> inDoubt.add(skip.id()));
                    }
                }));
                inDoubt.addAll(repository.transactions()
                        .execute(_ -> repository.stores().journal().unsettled(run.name())));
            }
        }
        boolean isPlanKnown = family.stream().noneMatch(run -> repository.runs().hasChangedPlan(run.name()));
        return new VerifiedRanges(rows, first.state() == RunState.COMPLETED, inDoubt, brokenRanges,
                beganAt(first, rows, ledger), isPlanKnown);
    }

    /** By the clock of the deployment, which also gives documents their creation times. */
    private static double beganAt(Run run, List<RangeRow> rows, Ledger ledger) {
        List<String> ids = rows.stream().map(RangeRow::ledger).filter(Objects::nonNull).map(Objects::requireNonNull)
                .toList();
        return new DocumentLookup(ledger).read(ids).values().stream()
                .mapToDouble(row -> row.number(FieldName.CREATION_TIME)).min()
                .orElse((double) run.createdAt().toEpochMilli());
    }

    /** What its ledger counts as left as it was, or in quarantine. */
    long left() {
        return repository.stores().ranges().list(name()).stream()
                .mapToLong(row -> row.counts().unchanged() + row.counts().quarantined()).sum();
    }

    @Override
    public void close() {
        chains.forEach(TransformChain::close);
    }
}
