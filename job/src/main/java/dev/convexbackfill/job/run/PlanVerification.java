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

import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.config.plan.Ensure;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.schema.SchemaRules;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.journal.JournalParts;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.reader.DocumentsById;
import dev.convexbackfill.readerswriters.reader.PageSource;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import dev.convexbackfill.readerswriters.verification.Accounting;
import dev.convexbackfill.readerswriters.verification.CopyContents;
import dev.convexbackfill.readerswriters.verification.CopyDigests;
import dev.convexbackfill.readerswriters.verification.CopySide;
import dev.convexbackfill.readerswriters.verification.DigestQueries;
import dev.convexbackfill.readerswriters.verification.DigestedSide;
import dev.convexbackfill.readerswriters.verification.DocumentLookup;
import dev.convexbackfill.readerswriters.verification.EnsureCheck;
import dev.convexbackfill.readerswriters.verification.Findings;
import dev.convexbackfill.readerswriters.verification.Mismatch;
import dev.convexbackfill.readerswriters.verification.MismatchKind;
import dev.convexbackfill.readerswriters.verification.RunFacts;
import dev.convexbackfill.readerswriters.verification.SecondLook;
import dev.convexbackfill.readerswriters.verification.Side;
import dev.convexbackfill.readerswriters.verification.SourceDigests;
import dev.convexbackfill.readerswriters.verification.SourceSide;
import dev.convexbackfill.readerswriters.verification.VerificationStore;
import dev.convexbackfill.readerswriters.verification.WholeTableCheck;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a verification: what is looked at before the ranges, in them, and after them. For copies the first half of the
 * ranges is that of the sources, and the second that of the copies. Thread-safe.
 */
final class PlanVerification implements Verification {

    private final ActiveRun active;
    private final VerifiedRun verified;
    private final Plan plan;
    private final RunRepository repository;
    private final Clock clock = Clock.systemUTC();
    private final Accounting.Result accounts;
    private final Map<String, Long> tables;
    private final List<RangeRow> rows;
    private final DocumentLookup lookup;
    private final EnsureCheck ensures;
    private final Side sources;
    private final @Nullable Side copies;
    private final boolean isOfCanary;
    private final @Nullable DigestedSide sourceDigests;
    private final @Nullable DigestedSide copyDigests;

    /** Asks the deployment and the repository what they know of the run. */
    PlanVerification(ActiveRun active, VerifiedRun verified) {
        this.active = active;
        this.verified = verified;
        this.plan = active.plan();
        this.repository = active.repository();
        Ledger ledger = active.ledger(active.stop());
        this.accounts = verified.account(ledger);
        DeploymentAdmin admin = new DeploymentAdmin(active.client(), active.calls(active.stop()));
        this.tables = admin.tableNumbers();
        this.rows = repository.stores().ranges().list(active.run().name());
        this.lookup = new DocumentLookup(ledger);
        this.ensures = ensures(admin);
        RunFacts facts = verified.facts(ledger, accounts.brokenRanges());
        SecondLook secondLook = new SecondLook(clock, PAUSE);
        SourceSide.Stores stores = new SourceSide.Stores(repository.stores().quarantine(),
                new IdMappingStore(repository.jdbc()), repository.transactions());
        ChangedDocuments changed = ChangedDocuments.of(verified.name(), List.of(), repository.jdbc(),
                repository.transactions());
        SourceSide ofSources = new SourceSide(verified.name(), plan, verified.chains(), facts, changed, stores, lookup,
                ensures, secondLook);
        CopySide ofCopies = verified.write() instanceof Write.InsertInto(String table)
                ? new CopySide(verified.name(), table, facts, stores, lookup, ensures, secondLook)
                : null;
        this.isOfCanary = repository.canaries().findByVerification(active.run().name()).isPresent();
        this.sources = ofSources;
        this.copies = ofCopies;
        if (!canCompareDigests(facts)) {
            this.sourceDigests = null;
            this.copyDigests = null;
            return;
        }
        DigestQueries digests = new DigestQueries(active.client(), plan.functions(), active.calls(active.stop()),
                active.throttle(), active.stop());
        this.sourceDigests = new SourceDigests(plan.table(), verified.chains().getFirst().fields(),
                new JournalParts(verified.name(), repository.stores().journal(), repository.transactions()), changed,
                ofCopies == null ? null
                        : new CopyContents(verified.name(), stores.mappings(), stores.transactions(), digests),
                digests, ofSources, Thread::startVirtualThread);
        this.copyDigests = ofCopies == null || !ensures.isEmpty() ? null
                : new CopyDigests(verified.name(), tableWritten(), stores.mappings(), stores.transactions(), digests,
                        ofCopies);
    }

    /** Only of a complete run of a known plan it can be told what each document must hold, without reading it. */
    private boolean canCompareDigests(RunFacts facts) {
        boolean isSample = active.run().kind() instanceof RunKind.Verification(_, Integer sample) && sample != null;
        List<String> fields = verified.chains().getFirst().fields();
        boolean areTheSame = verified.chains().stream().allMatch(chain -> Objects.equals(chain.fields(), fields));
        boolean needsTime = verified.chains().stream().anyMatch(TransformChain::readsCreationTime);
        return !isSample && !isOfCanary && verified.isComplete() && facts.isPlanKnown() && !plan.where().isSearched()
                && areTheSame
                && !needsTime && areEnsuredAmong(fields);
    }

    private boolean areEnsuredAmong(@Nullable List<String> fields) {
        if (fields == null || copies != null) {
            return true;
        }
        Set<String> ensured = ensures.fields();
        return ensured != null && fields.containsAll(ensured);
    }

    @Override
    public @Nullable DigestedSide digests(RangeRow row) {
        return isOfCopies(row) ? copyDigests : sourceDigests;
    }

    private EnsureCheck ensures(DeploymentAdmin admin) {
        boolean asksSchema = plan.ensure().stream().anyMatch(Ensure.MatchesSchema.class::isInstance);
        EnsureCheck.SchemaCheck schema = asksSchema ? SchemaRules.of(admin, tableWritten())::problem : _ -> null;
        return new EnsureCheck(plan.ensure(), schema, new EnsureCheck.References() {

            @Override
            public long tableNumber(String table) {
                return tables.getOrDefault(table, -1L);
            }

            @Override
            public Set<String> existing(Set<String> ids) {
                return lookup.read(ids).keySet();
            }
        });
    }

    private String tableWritten() {
        return verified.write() instanceof Write.InsertInto(String table) ? table : plan.table();
    }

    private boolean isOfCopies(RangeRow row) {
        return copies != null && row.range().number() >= rows.size() / 2;
    }

    @Override
    public Side side(RangeRow row) {
        return copies != null && isOfCopies(row) ? copies : sources;
    }

    @Override
    public DocumentPages pages(RangeRow row) {
        if (isOfCopies(row) && isOfCanary) {
            // who looks for others must know all sources
            return new DocumentsById((after, through, limit) -> repository.transactions().execute(
                    _ -> new IdMappingStore(repository.jdbc()).next(verified.name(), after, through, limit)),
                    active.ledger(active.stop()), PagesOfRun.maxBytes(plan));
        }
        if (isOfCopies(row)) {
            return new PageSource(active.client(), plan.functions(), tableWritten(), PagesOfRun.maxDocuments(plan),
                    PagesOfRun.maxBytes(plan));
        }
        return plan.where().slice() == null ? active.pages()
                : new DocumentsById(
                        (after, through, limit) -> repository.selections().next(verified.name(), after, through,
                                limit),
                        active.ledger(active.stop()), PagesOfRun.maxBytes(plan));
    }

    @Override
    public void account() {
        List<String> needed = Stream.of(plan.table(), tableWritten()).distinct().toList();
        Verification.store(active, needed.stream().filter(table -> !tables.containsKey(table)).toList(), accounts,
                clock);
    }

    @Override
    public void compare() {
        Findings findings = new Findings();
        WholeTableCheck all = new WholeTableCheck(repository.jdbc(), repository.transactions(), clock);
        all.duplicates(active.run().name(), ensures.uniqueFields(), lookup, findings);
        count(findings);
        Verification.store(active, VerificationStore.ALL_DOCUMENTS, findings);
        all.findSwapped(active.run().name());
        all.findExtra(active.run().name(), verified.name());
    }

    /** Of documents that were there when the run began and that it did not change, no more can be there than its ledger counts. */
    private void count(Findings findings) {
        boolean isSample = active.run().kind() instanceof RunKind.Verification(_, Integer sample) && sample != null;
        if (isSample || !verified.isComplete() || plan.where().slice() != null || !accounts.mismatches().isEmpty()) {
            return;
        }
        Counts counts = Counts.NONE;
        for (RangeRow row : repository.stores().ranges().list(active.run().name())) {
            counts = isOfCopies(row) ? counts : counts.plus(row.counts());
        }
        long left = counts.unchanged() + counts.quarantined();
        if (left > verified.left()) {
            Instant now = clock.instant();
            findings.add(Mismatch.ofRun(MismatchKind.COUNT_DIFFERS, verified.left(), left,
                    "The table has %d documents that were there when the run began and that it did not change; its ledger knows of %d"
                            .formatted(left, verified.left())),
                    now, now);
        }
    }

    @Override
    public void forget() {
        new WholeTableCheck(repository.jdbc(), repository.transactions(), clock).forget(active.run().name());
    }
}
