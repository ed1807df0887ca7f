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
package dev.convexbackfill.job.reference;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.TableNames;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.job.reference.Candidates.Candidate;
import dev.convexbackfill.job.reference.ReferenceStore.Claim;
import dev.convexbackfill.job.reference.SearchState.Field;
import dev.convexbackfill.job.reference.SearchState.Table;
import dev.convexbackfill.job.reference.SearchState.TableState;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.PagesOfRun;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.schema.SchemaReach;
import dev.convexbackfill.partitioner.dispatch.ProcessName;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.reader.PageSource;
import dev.convexbackfill.readerswriters.reader.RangeReader;
import dev.convexbackfill.readerswriters.reader.Slice;
import dev.convexbackfill.readerswriters.throttle.Throttle;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.batch.core.job.JobInterruptedException;

/**
 * Looks through the tables of a deployment for references by the old ids of documents that a rollback has put back under new
 * ones. Reads only. What was found in some documents and the position behind them are stored in one transaction, so however
 * often it is interrupted, it counts everything once.
 */
public final class ReferenceSearch {

    private final RunRepository repository;
    private final Run rollback;
    private final Plan plan;
    private final ConvexClient client;
    private final BackfillSettings settings;
    private final CallOptions options;
    private final Tally tally;
    private final StopSignal stop;
    private final ReferenceStore store;
    private final IdMappingStore mappings;
    private final Throttle throttle;

    /**
     * A search that {@code stop} ends.
     *
     * @param rollback one that has put documents back, {@link PutBack#require}
     * @param client   of its deployment, with a deploy key
     */
    public ReferenceSearch(RunRepository repository, Run rollback, ConvexClient client, BackfillSettings settings,
            Tally tally, StopSignal stop) {
        this.repository = repository;
        this.rollback = rollback;
        this.plan = rollback.plan();
        this.client = client;
        this.settings = settings;
        this.options = CallOptions.DEFAULT.withTimeout(settings.callTimeout())
                .withRetry(RetryPolicy.DEFAULT.withGiveUpAfter(settings.giveUpAfter()))
                .withListener((_, category, _) -> tally.heard(category)).withStop(stop);
        this.tally = tally;
        this.stop = stop;
        this.store = new ReferenceStore(repository.jdbc(), repository.transactions());
        this.mappings = new IdMappingStore(repository.jdbc());
        this.throttle = new Throttle(plan.throttle());
    }

    /**
     * Goes on with the search to its end; does nothing if it is complete, unless it is to be done again. Returns false if it was
     * stopped before. Throws {@link RefusedException} if another process does it or the deployment can't be used.
     */
    public boolean complete(boolean again) {
        // first, so that what was found before is not given up for nothing
        new DeploymentCheck(client).requireUsable(plan.functions());
        return switch (store.claim(rollback.name(), again, settings.lease())) {
            case Claim.Complete _ -> true;
            case Claim.Held(String holder, var silent) -> throw new RefusedException(
                    ("The references of '%s' are being looked for by %s, of which the last sign is %d s old; after %d s it"
                            + " counts as dead. Look on with `./backfill status %s`, or stop it with `./backfill stop %s`.")
                            .formatted(rollback.name(),
                                    ProcessName.parse(holder).map(ProcessName::describe).orElse(holder),
                                    silent.toSeconds(), settings.lease().toSeconds(), rollback.name(),
                                    rollback.name()));
            case Claim.Owned(long fence) -> {
                try (SearchHold hold = new SearchHold(store, rollback.name(), fence, stop)) {
                    yield search(hold);
                }
            }
        };
    }

    private boolean search(SearchHold hold) {
        Optional<String> example = repository.transactions().execute(_ -> mappings.anySource(rollback.name()));
        try {
            if (example.isPresent()) {
                prepare(hold);
                Candidates candidates = new Candidates(example.get());
                for (Table table : state().tables()) {
                    if (table.state() == TableState.TO_READ && !read(hold, table, candidates)) {
                        return false;
                    }
                }
            }
            return !stop.isGiven() && isKept(store.release(rollback.name(), hold.fence(), true));
        } catch (ConvexException failure) {
            if (stop.isGiven() || failure.category() == FailureCategory.ABANDONED) {
                return false;
            }
            throw failure;
        }
    }

    private SearchState state() {
        return store.find(rollback.name()).orElseThrow(
                () -> new IllegalStateException("The run '%s' was purged meanwhile".formatted(rollback.name())));
    }

    private void prepare(SearchHold hold) {
        tally.say("looking at the deployment");
        DeploymentAdmin admin = new DeploymentAdmin(client, options);
        SchemaReach reach = SchemaReach.of(admin);
        Map<String, Boolean> tables = new TreeMap<>();
        admin.tableNumbers().keySet().stream().filter(TableNames::isOfApp)
                .forEach(table -> tables.put(table, reach.mayHoldIds(table, rollback.table())));
        if (!isKept(store.addTables(rollback.name(), hold.fence(), tables))) {
            return;
        }
        SearchState state = state();
        tally.add(state.documentsRead());
        state.tables().stream().filter(table -> table.state() != TableState.EXEMPT)
                .forEach(table -> tally.expect(table.state() == TableState.READ ? table.documents()
                        : Math.max(table.documents(), size(admin, table.name()))));
    }

    /** For the progress only, so a deployment need not say. */
    private long size(DeploymentAdmin admin, String table) {
        try {
            return admin.tableSize(table);
        } catch (ConvexException silent) {
            if (silent.category() == FailureCategory.ABANDONED) {
                throw silent;
            }
            return 0;
        }
    }

    /** Returns false if it was stopped before the end of the table. */
    private boolean read(SearchHold hold, Table table, Candidates candidates) {
        tally.say("'%s'".formatted(table.name()));
        FieldNames names = new FieldNames(
                state().fields().stream().filter(field -> field.table().equals(table.name())).map(Field::name)
                        .toList());
        Integer perSecond = plan.throttle().documentsPerSecond();
        int documents = Math.min(PagesOfRun.maxDocuments(plan), perSecond == null ? Integer.MAX_VALUE : perSecond);
        long bytes = PagesOfRun.maxBytes(plan);
        PageSource pages = new PageSource(client, plan.functions(), table.name(), documents, bytes);
        try (ExecutorService prefetching = Executors.newVirtualThreadPerTaskExecutor();
                RangeReader reader = new RangeReader(pages, throttle, table.position(), null, documents, bytes,
                        options, stop, prefetching)) {
            for (Slice slice = reader.read(); slice != null; slice = reader.read()) {
                if (!look(hold, table.name(), slice, candidates, names)) {
                    return false;
                }
                tally.add(slice.documents().size());
                pace(slice);
            }
            return true;
        } catch (JobInterruptedException _) {
            return false;
        } catch (RuntimeException failed) {
            throw failed;
        } catch (Exception unexpected) {
            throw new IllegalStateException("'%s' can't be read".formatted(table.name()), unexpected);
        }
    }

    /** A stop while it waits is noticed by the reader. */
    private void pace(Slice slice) {
        throttle.pace(slice.documents().size(),
                slice.documents().stream().mapToLong(ValueLimits::sizeOf).sum(), stop);
    }

    private boolean look(SearchHold hold, String table, Slice slice, Candidates candidates, FieldNames names) {
        List<Candidate> here = new ArrayList<>();
        for (ConvexObject document : slice.documents()) {
            here.addAll(candidates.in(document));
        }
        Set<String> ids = new LinkedHashSet<>();
        here.forEach(candidate -> ids.add(candidate.id()));
        Map<String, String> newIds = ids.isEmpty() ? Map.of()
                : repository.transactions().execute(_ -> mappings.targets(rollback.name(), ids));
        PageFindings found = new PageFindings();
        for (Candidate candidate : here) {
            String newId = newIds.get(candidate.id());
            if (newId != null) {
                found.add(new FoundReference(table, names.of(candidate.field()), candidate.document(),
                        candidate.id(), newId));
            }
        }
        String to = slice.documents().isEmpty() ? null : slice.documents().getLast().string(FieldName.ID);
        return isKept(store.record(rollback.name(), hold.fence(), table, to, slice.documents().size(), found,
                slice.isLast()));
    }

    /** What the store refuses belongs to another process by now. */
    private boolean isKept(boolean isStored) {
        if (!isStored) {
            stop.give(SearchHold.LOST);
        }
        return isStored;
    }
}
