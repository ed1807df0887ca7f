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

import dev.convexbackfill.job.point.DeploymentPoint;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.snapshot.Manifest;
import dev.convexbackfill.job.snapshot.Manifest.ContentFile;
import dev.convexbackfill.job.snapshot.SnapshotPlace;
import dev.convexbackfill.job.snapshot.TableDiff;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Snapshots in words, and as JSON. */
final class SnapshotText {

    private SnapshotText() {}

    static Map<String, @Nullable Object> toMap(Manifest manifest, SnapshotPlace place) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("snapshot", manifest.name());
        map.put("place", place.describe());
        map.put("deployment", manifest.deployment());
        map.put("point", BeginningText.toMap(manifest.point()));
        List<Map<String, @Nullable Object>> tables = new ArrayList<>();
        for (Manifest.Table table : manifest.content()) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("name", table.name());
            one.put("documents", table.documents());
            one.put("consistency", table.consistency().text());
            one.put("isSettled", table.consistency().isSettled());
            one.put("timestamp", String.valueOf(table.consistency().timestamp()));
            one.put("sha256", table.sha256());
            tables.add(one);
        }
        map.put("content", tables);
        ContentFile file = manifest.file();
        map.put("bytes", file == null ? null : file.bytes());
        return map;
    }

    static List<String> lines(Manifest manifest) {
        DeploymentPoint point = manifest.point();
        List<String> lines = new ArrayList<>();
        lines.add("  taken at %s of '%s', %s".formatted(point.takenAt(), point.instanceName(), manifest.deployment()));
        lines.add("  %s, %d indexes".formatted(point.schema() == null ? "no schema" : "a schema",
                point.indexes().size()));
        for (DeploymentPoint.Table table : point.tables()) {
            lines.add("  '%s': %s".formatted(table.name(), table.documents() == null ? "an unknown number of documents"
                    : SnapshotCommand.documents(table.documents()))
                    + manifest.table(table.name())
                            .map(kept -> "; %s kept, %s".formatted(ProgressText.number(kept.documents()),
                                    kept.consistency().text()))
                            .orElse(""));
        }
        point.leftOut().forEach(left -> lines.add("  not told by the deployment: " + left));
        ContentFile file = manifest.file();
        if (file != null) {
            lines.add("  %s in %s".formatted(ProgressText.bytes(file.bytes()), SnapshotPlace.CONTENT));
        }
        return lines;
    }

    static Map<String, @Nullable Object> toMap(TableDiff.Result difference) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("same", difference.same());
        map.put("missing", difference.missing());
        map.put("extra", difference.extra());
        map.put("different", difference.different());
        List<Map<String, @Nullable Object>> examples = new ArrayList<>();
        for (TableDiff.Example example : difference.examples()) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("kind", example.kind().name().toLowerCase(Locale.ROOT));
            one.put("id", example.id());
            one.put("fields", example.fields());
            examples.add(one);
        }
        map.put("examples", examples);
        return map;
    }

    /** The counts, and below them the examples. */
    static List<String> lines(String table, TableDiff.Result difference) {
        List<String> lines = new ArrayList<>();
        lines.add("  '%s': %s same, %s missing, %s extra, %s different".formatted(table,
                ProgressText.number(difference.same()), ProgressText.number(difference.missing()),
                ProgressText.number(difference.extra()), ProgressText.number(difference.different())));
        difference.examples().forEach(example -> lines.add("    " + example.text()));
        long hidden = difference.total() - difference.examples().size();
        if (hidden > 0 && !difference.examples().isEmpty()) {
            lines.add("    and %s more".formatted(ProgressText.number(hidden)));
        }
        return lines;
    }
}
