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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.client.admin.IndexStatus;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.job.point.DeploymentPoint;
import dev.convexbackfill.job.progress.Tally;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How one side differs from another.
 *
 * @param schema  what of the schema differs, a line each
 * @param indexes what of the indexes differs, a line each
 * @param counts  of each table that either has, by the deployments' own count; null where there is no such table, or no count
 * @param tables  of those whose documents both have
 * @param leftOut tables whose documents only one of the two has
 */
public record SnapshotDiff(List<String> schema, List<String> indexes, SortedMap<String, Counts> counts,
        SortedMap<String, TableDiff.Result> tables, List<String> leftOut) {

    /** How many documents a table had and has. */
    public record Counts(@Nullable Long first, @Nullable Long second) {}

    public boolean isEmpty() {
        return schema.isEmpty() && indexes.isEmpty()
                && counts.values().stream().allMatch(count -> Objects.equals(count.first(), count.second()))
                && tables.values().stream().allMatch(TableDiff.Result::isEmpty);
    }

    /** A snapshot, or the deployment as it is. */
    interface Side {

        DeploymentPoint point();

        boolean has(String table);

        /** Of the content of a table; null if it is not known before it is read. */
        @Nullable
        String digest(String table);

        Documents open(String table) throws IOException;
    }

    /** A snapshot with what was fetched of it. */
    record Kept(Manifest manifest, SnapshotPlace.@Nullable Content content) implements Side {

        @Override
        public DeploymentPoint point() {
            return manifest.point();
        }

        @Override
        public boolean has(String table) {
            return manifest.table(table).isPresent();
        }

        @Override
        public @Nullable String digest(String table) {
            return manifest.table(table).map(Manifest.Table::sha256).orElse(null);
        }

        @Override
        public Documents open(String table) throws IOException {
            return SnapshotZip.read(Objects.requireNonNull(content, "has no content").file(), table);
        }
    }

    /** The deployment as it is. */
    record Live(DeploymentPoint point, @Nullable LiveTables tables) implements Side {

        @Override
        public boolean has(String table) {
            return tables != null && point.table(table).isPresent();
        }

        @Override
        public @Nullable String digest(String table) {
            return null;
        }

        @Override
        public Documents open(String table) {
            return Objects.requireNonNull(tables, "has no content").open(table);
        }
    }

    /** Compares two snapshots of the same place. */
    public static SnapshotDiff between(Manifest first, Manifest second, SnapshotPlace place, int limit, Tally tally) {
        boolean isShared = first.content().stream().anyMatch(table -> second.table(table.name())
                .filter(other -> !other.sha256().equals(table.sha256())).isPresent());
        try (SnapshotPlace.Content left = isShared ? place.content(first) : null;
                SnapshotPlace.Content right = isShared ? place.content(second) : null) {
            return of(new Kept(first, left), new Kept(second, right), limit, tally);
        }
    }

    /** Compares a snapshot with a deployment as it is. */
    public static SnapshotDiff withNow(Manifest first, SnapshotPlace place, SnapshotSource source, int limit,
            Tally tally) {
        DeploymentPoint now = source.point(_ -> true);
        List<String> shared = first.content().stream().map(Manifest.Table::name)
                .filter(table -> now.table(table).isPresent())
                .toList();
        try (SnapshotPlace.Content left = shared.isEmpty() ? null : place.content(first)) {
            return of(new Kept(first, left), new Live(now, shared.isEmpty() ? null : source.now(shared.getFirst())),
                    limit, tally);
        }
    }

    private static SnapshotDiff of(Side first, Side second, int limit, Tally tally) {
        SortedMap<String, Counts> counts = new TreeMap<>();
        first.point().tables().forEach(table -> counts.put(table.name(), new Counts(table.documents(), null)));
        second.point().tables().forEach(table -> counts.merge(table.name(), new Counts(null, table.documents()),
                (before, now) -> new Counts(before.first(), now.second())));
        SortedMap<String, TableDiff.Result> tables = new TreeMap<>();
        List<String> leftOut = new ArrayList<>();
        for (String table : counts.keySet()) {
            if (first.has(table) && second.has(table)) {
                Long documents = Objects.requireNonNullElse(counts.get(table), new Counts(null, null)).second();
                tally.expect(documents == null ? 0 : documents);
                tally.say("comparing '%s'".formatted(table));
                tables.put(table, compare(first, second, table, limit, tally));
            } else if (first.has(table) || (second instanceof Kept && second.has(table))) {
                leftOut.add(table);
            }
        }
        return new SnapshotDiff(schema(first.point().schema(), second.point().schema()),
                lines(indexes(first.point()), indexes(second.point()), "index "), counts, tables, leftOut);
    }

    private static TableDiff.Result compare(Side first, Side second, String table, int limit, Tally tally) {
        String digest = first.digest(table);
        if (digest != null && digest.equals(second.digest(table)) && first instanceof Kept(Manifest kept, _)) {
            return new TableDiff.Result(kept.table(table).orElseThrow().documents(), 0, 0, 0, List.of());
        }
        try (Documents left = first.open(table); Documents right = second.open(table)) {
            return new TableDiff(limit, tally).compare(left, right);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The content of a snapshot can't be read: " + unreadable.getMessage(),
                    unreadable);
        }
    }

    private static SortedMap<String, String> indexes(DeploymentPoint point) {
        SortedMap<String, String> indexes = new TreeMap<>();
        for (IndexStatus index : point.indexes()) {
            indexes.put("'%s' of '%s'%s".formatted(index.name(), index.table(), index.staged() ? " (staged)" : ""),
                    "(%s)%s".formatted(String.join(", ", index.fields()), index.built() ? "" : ", being built"));
        }
        return indexes;
    }

    private static List<String> schema(@Nullable String first, @Nullable String second) {
        return lines(tables(first), tables(second), "schema of ");
    }

    /** What a schema says of each table, in Convex's JSON, and whether it is enforced. */
    private static SortedMap<String, String> tables(@Nullable String json) {
        SortedMap<String, String> tables = new TreeMap<>();
        if (json != null) {
            ConvexObject schema = ConvexJson.decodeObject(json.getBytes(StandardCharsets.UTF_8));
            for (ConvexValue table : schema.array("tables")) {
                if (((ConvexObject) table).get("tableName") instanceof ConvexString(String name)) {
                    tables.put("'" + name + "'", ConvexJson.encodeToString(table));
                }
            }
            tables.put("all tables: enforced",
                    schema.has("schemaValidation") && schema.bool("schemaValidation") ? "yes" : "no");
        }
        return tables;
    }

    private static List<String> lines(SortedMap<String, String> first, SortedMap<String, String> second, String what) {
        List<String> lines = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>(first.keySet());
        names.addAll(second.keySet());
        for (String name : names) {
            String before = first.get(name);
            String now = second.get(name);
            if (before == null) {
                lines.add("%s%s: added, %s".formatted(what, name, now));
            } else if (now == null) {
                lines.add("%s%s: removed, it was %s".formatted(what, name, before));
            } else if (!before.equals(now)) {
                lines.add("%s%s: changed from %s to %s".formatted(what, name, before, now));
            }
        }
        return lines;
    }
}
