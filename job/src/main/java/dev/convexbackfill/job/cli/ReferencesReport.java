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

import static java.nio.charset.StandardCharsets.UTF_8;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.reference.FoundReference;
import dev.convexbackfill.job.reference.MendingPlans;
import dev.convexbackfill.job.reference.PutBack;
import dev.convexbackfill.job.reference.ReferenceStore;
import dev.convexbackfill.job.reference.SearchState;
import dev.convexbackfill.job.reference.SearchState.Field;
import dev.convexbackfill.job.reference.SearchState.TableState;
import dev.convexbackfill.job.rehearsal.report.Printable;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunRepository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what a search for references has found, and how to mend it. */
final class ReferencesReport {

    private static final List<String> COLUMNS = List.of("table", "field", "document", "oldId", "newId");

    private final RunRepository repository;
    private final ReferenceStore store;
    private final Run rollback;
    private final int limit;
    private final Output output;

    /** Shows at most {@code limit} references. */
    ReferencesReport(RunRepository repository, ReferenceStore store, Run rollback, int limit, Output output) {
        this.repository = repository;
        this.store = store;
        this.rollback = rollback;
        this.limit = limit;
        this.output = output;
    }

    /** Returns the exit code. {@code stoppedBy} is null unless the search was stopped just now. */
    int show(@Nullable String stoppedBy) {
        SearchState search = state();
        MendingPlans plans = MendingPlans.of(rollback.name(), rollback.plan().functions(), search.fields());
        List<FoundReference> first = first(search);
        output.result(result(search, plans, first));
        output.say("\n" + headline(search, stoppedBy));
        search.fields().forEach(field -> output.say(Printable.text("  %s.%s: %s in %s".formatted(field.table(),
                field.name(), ReferencesLine.count(field.references()),
                SnapshotCommand.documents(field.documents())))));
        first.forEach(reference -> output.say(Printable.text("    %s.%s of %s: %s -> %s".formatted(reference.table(),
                reference.field(), reference.document(), reference.oldId(), reference.newId()))));
        if (search.references() > first.size()) {
            output.say("    The first %d of each field: ./backfill references %s --csv FILE".formatted(
                    ReferenceStore.KEPT, rollback.name()));
        }
        scope(search).forEach(line -> output.say("  " + line));
        if (search.isComplete()) {
            mending(plans).forEach(output::say);
        }
        if (!search.isComplete()) {
            return ExitCode.STOPPED;
        }
        return search.references() == 0 ? ExitCode.COMPLETED : ExitCode.COMPLETED_WITH_QUARANTINE;
    }

    private SearchState state() {
        return store.find(rollback.name()).orElseThrow(() -> new RefusedException(
                "Nothing was looked for yet. Begin with: ./backfill references " + rollback.name()));
    }

    private String headline(SearchState search, @Nullable String stoppedBy) {
        String documents = SnapshotCommand.documents(PutBack.count(rollback, repository));
        if (search.isComplete()) {
            return "%s to the old ids of the %s that '%s' has put back, as the tables were read from %s to %s."
                    .formatted(search.references() == 0 ? "No references" : ReferencesLine.count(search.references()),
                            documents, rollback.name(), search.beganAt(), search.endedAt());
        }
        return ("%s to the old ids of the %s that '%s' has put back so far; the search is not complete%s. Go on where it is with:"
                + " ./backfill references %s").formatted(ReferencesLine.count(search.references()), documents,
                        rollback.name(), stoppedBy == null ? "" : ", stopped by " + stoppedBy, rollback.name());
    }

    private static List<String> scope(SearchState search) {
        List<String> lines = new ArrayList<>();
        lines.add("Read: %s of %s".formatted(SnapshotCommand.documents(search.documentsRead()),
                names(search, TableState.READ)));
        if (search.tables().stream().anyMatch(table -> table.state() == TableState.TO_READ)) {
            lines.add("Not read to the end: " + names(search, TableState.TO_READ));
        }
        if (search.tables().stream().anyMatch(table -> table.state() == TableState.EXEMPT)) {
            lines.add("Not read, since by the schema they can hold no such id: " + names(search, TableState.EXEMPT));
        }
        lines.add(
                "What the app has written behind the place that was being read was not seen; --again reads all again.");
        return lines;
    }

    private static String names(SearchState search, TableState state) {
        String names = search.tables().stream().filter(table -> table.state() == state)
                .map(table -> "'" + table.name() + "'").collect(Collectors.joining(", "));
        return names.isEmpty() ? "no table" : names;
    }

    private List<String> mending(MendingPlans plans) {
        List<String> lines = new ArrayList<>();
        plans.plans().forEach((table, plan) -> lines.add(
                "\nTo mend '%s', save this as a file and run it with `./backfill run FILE`. What is no old id stays as it is.\n\n%s"
                        .formatted(table, plan.indent(2).stripTrailing())));
        if (!plans.unreachable().isEmpty()) {
            lines.add(
                    ("\nNo plan mends these: the step `reference` reaches into fields, also inside of objects, and into their arrays; not into"
                            + " objects in arrays, arrays in arrays, or names of fields. Mend them in the app:\n  %s")
                            .formatted(plans.unreachable().stream()
                                    .map(field -> Printable.text(field.table() + "." + field.name()))
                                    .collect(Collectors.joining("\n  "))));
        }
        return lines;
    }

    /** Some of each field, as far as there is room. */
    private List<FoundReference> first(SearchState search) {
        List<FoundReference> first = new ArrayList<>();
        int fields = search.fields().size();
        for (int i = 0; i < fields && first.size() < limit; i++) {
            int share = Math.ceilDiv(limit - first.size(), fields - i);
            first.addAll(store.references(rollback.name(), search.fields().get(i), share));
        }
        return first;
    }

    private Map<String, @Nullable Object> result(SearchState search, MendingPlans plans, List<FoundReference> first) {
        boolean isHeld = store.isHeld(rollback.name(), RepositoryOptions.settings().lease());
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        result.put("rollback", rollback.name());
        result.put("state", ReferencesLine.state(search, isHeld));
        result.put("newIds", PutBack.count(rollback, repository));
        result.put("references", search.references());
        result.put("beganAt", search.beganAt().toString());
        result.put("endedAt", search.endedAt() == null ? null : search.endedAt().toString());
        List<Map<String, @Nullable Object>> tables = new ArrayList<>();
        search.tables().forEach(table -> {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("table", table.name());
            one.put("state", table.state().name());
            one.put("documents", table.documents());
            tables.add(one);
        });
        result.put("tables", tables);
        List<Map<String, @Nullable Object>> fields = new ArrayList<>();
        search.fields().forEach(field -> {
            Map<String, @Nullable Object> one = toMap(field);
            one.put("documents", field.documents());
            one.put("references", field.references());
            one.put("isMendedByPlan", !plans.unreachable().contains(field));
            fields.add(one);
        });
        result.put("fields", fields);
        result.put("first", first.stream().map(ReferencesReport::toMap).toList());
        result.put("plans", plans.plans());
        return result;
    }

    private static Map<String, @Nullable Object> toMap(Field field) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("table", field.table());
        map.put("field", field.name());
        return map;
    }

    private static Map<String, @Nullable Object> toMap(FoundReference reference) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("table", reference.table());
        map.put("field", reference.field());
        map.put("document", reference.document());
        map.put("oldId", reference.oldId());
        map.put("newId", reference.newId());
        return map;
    }

    /** Writes all that are kept. Throws {@link RefusedException} if the file can't be written. */
    void writeCsv(Path file) {
        SearchState search = state();
        long count = 0;
        try (CsvWriter writer = CsvWriter.builder().build(file, UTF_8)) {
            writer.writeRecord(COLUMNS);
            for (Field field : search.fields()) {
                for (FoundReference reference : store.references(rollback.name(), field, ReferenceStore.KEPT)) {
                    writer.writeRecord(toMap(reference).values().stream().map(String::valueOf).toList());
                    count++;
                }
            }
        } catch (IOException failed) {
            throw new RefusedException("'%s' can't be written: %s".formatted(file, failed.getMessage()), failed);
        }
        output.say("Wrote %s: %s of the %s".formatted(file, ProgressText.number(count),
                ReferencesLine.count(search.references())));
    }
}
