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
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.partitioner.ledger.Ledger;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.journal.ChangedDocuments;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.reader.DocumentsById;
import dev.convexbackfill.readerswriters.verification.Accounting;
import dev.convexbackfill.readerswriters.verification.DigestedSide;
import dev.convexbackfill.readerswriters.verification.DocumentLookup;
import dev.convexbackfill.readerswriters.verification.SecondLook;
import dev.convexbackfill.readerswriters.verification.Side;
import dev.convexbackfill.readerswriters.verification.Undone;
import dev.convexbackfill.readerswriters.verification.UndoneCopies;
import dev.convexbackfill.readerswriters.verification.UndoneDeletions;
import dev.convexbackfill.readerswriters.verification.UndoneFields;
import dev.convexbackfill.readerswriters.verification.UndoneSide;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionOperations;

/** What a verification of a rollback looks at: all that it was to undo. */
final class RollbackVerification implements Verification {

    private final ActiveRun active;
    private final String table;
    private final Clock clock = Clock.systemUTC();
    private final Accounting.Result accounts;
    private final Set<String> tables;
    private final Undone undone;
    private final Side side;

    /** Asks the deployment and the repository what they know of the rollback. */
    RollbackVerification(ActiveRun active, VerifiedRun verified, RunKind.Rollback rollback) {
        this.active = active;
        this.table = active.run().table();
        Ledger ledger = active.ledger(active.stop());
        this.accounts = verified.account(ledger);
        this.tables = new DeploymentAdmin(active.client(), active.calls(active.stop())).tableNumbers().keySet();
        DocumentLookup lookup = new DocumentLookup(ledger);
        this.undone = undone(verified, rollback, lookup);
        this.side = new UndoneSide(undone, verified.facts(ledger, accounts.brokenRanges()), lookup,
                new SecondLook(clock, PAUSE));
    }

    private Undone undone(VerifiedRun verified, RunKind.Rollback rollback, DocumentLookup lookup) {
        RunRepository repository = active.repository();
        TransactionOperations transactions = repository.transactions();
        QuarantineStore quarantine = repository.stores().quarantine();
        IdMappingStore mappings = new IdMappingStore(repository.jdbc());
        ChangedDocuments done = changed(rollback.of(), rollback.only());
        return switch (verified.write()) {
            case Write.Patch _,Write.Replace _ -> new UndoneFields(verified.name(), done,
                    changed(verified.name(), List.of()), quarantine, transactions);
            case Write.Delete _ -> new UndoneCopies(rollback.of(), rollback.only(), mappings, transactions);
            case Write.InsertInto _ -> new UndoneDeletions(rollback.of(), verified.name(), done, mappings, quarantine,
                    transactions, lookup);
            case Write.Call _ -> throw new IllegalStateException("What a function has written is not undone");
        };
    }

    private ChangedDocuments changed(String run, List<String> only) {
        return ChangedDocuments.of(run, only, active.repository().jdbc(), active.repository().transactions());
    }

    @Override
    public @Nullable DigestedSide digests(RangeRow row) {
        return null;
    }

    @Override
    public Side side(RangeRow row) {
        return side;
    }

    @Override
    public DocumentPages pages(RangeRow row) {
        return new DocumentsById(undone::next, active.ledger(active.stop()), PagesOfRun.maxBytes(active.plan()));
    }

    @Override
    public void account() {
        Verification.store(active, tables.contains(table) ? List.of() : List.of(table), accounts, clock);
    }

    @Override
    public void compare() {
        // each document is told by itself
    }

    @Override
    public void forget() {
        // nothing was noted
    }
}
