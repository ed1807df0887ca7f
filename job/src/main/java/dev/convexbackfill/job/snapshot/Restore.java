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

import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.admin.SnapshotImport;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.job.run.RefusedException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts a table back as it is in a snapshot, by Convex's own import, which replaces it in one transaction and keeps ids and creation
 * times. What the app has written since is gone then; so first the table is compared, and whoever calls is told.
 */
public final class Restore {

    /** So many documents are named. */
    public static final int SHOWN = 20;

    private final SnapshotSource source;
    private final SnapshotPlace place;
    private final Tally tally;

    public Restore(SnapshotSource source, SnapshotPlace place, Tally tally) {
        this.source = source;
        this.place = place;
        this.tally = tally;
    }

    /**
     * What became of it.
     *
     * @param before how the table differed from the snapshot before
     * @param after  how it differs now, because the app has written since; null if nothing was replaced
     * @param unseen what the app wrote in between; null if nothing was replaced
     */
    public record Result(TableDiff.Result before, TableDiff.@Nullable Result after, @Nullable WritesBetween unseen) {}

    /**
     * What the app wrote after the table was compared and before it was replaced: overwritten.
     *
     * @param isKnown    false if the deployment allows no streaming export, and so nobody can tell
     * @param writes     how many changes of documents were seen
     * @param ids        the first documents of them
     * @param blindNanos how long before the table was replaced nobody looked any more
     */
    public record WritesBetween(boolean isKnown, long writes, List<String> ids, long blindNanos) {

        public WritesBetween {
            ids = List.copyOf(ids);
        }
    }

    /** Asked once the table was compared. */
    public interface Consent {

        /** Throws {@link RefusedException} if the table is not to be replaced. */
        void require(TableDiff.Result difference);
    }

    /** Restores a table. Throws {@link RefusedException}, and changes nothing, if that can't be, or {@code consent} refuses. */
    public Result restore(Manifest manifest, String table, Consent consent) {
        Manifest.Table kept = manifest.table(table).orElseThrow(() -> new RefusedException(
                "The snapshot '%s' has no documents of '%s'. It has those of: %s".formatted(manifest.name(), table,
                        manifest.content().isEmpty() ? "none, it is a point without content"
                                : String.join(", ",
                                        manifest.content().stream().map(Manifest.Table::name).toList()))));
        requireSameNumber(kept);
        try (SnapshotPlace.Content content = place.content(manifest)) {
            tally.expect(2 * kept.documents());
            LiveTables live = source.now(table);
            TableDiff.Result before = compare("comparing '%s' with the snapshot".formatted(table), content, table,
                    live);
            if (before.isEmpty()) {
                return new Result(before, null, null);
            }
            consent.require(before);
            WritesBetween between = replace(content, kept, live);
            TableDiff.Result after = compare("comparing '%s' with the snapshot again".formatted(table), content, table,
                    source.now(table));
            return new Result(before, after, between);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The content of the snapshot can't be read: " + unreadable.getMessage(),
                    unreadable);
        }
    }

    /** Ids carry the table's number. */
    private void requireSameNumber(Manifest.Table kept) {
        DeploymentAdmin admin = source.admin();
        Map<String, Long> numbers = admin.tableNumbers();
        Long now = numbers.get(kept.name());
        if (now != null && now != kept.number()) {
            throw new RefusedException(
                    ("The table '%s' of %s has the number %d and that of the snapshot %d: it was made anew, or is another"
                            + " deployment's. Ids would not fit; import it yourself if that is meant: npx convex import --replace")
                            .formatted(kept.name(), source.client().url(), now, kept.number()));
        }
        if (now == null && numbers.containsValue(kept.number())) {
            throw new RefusedException(
                    "The deployment %s has no table '%s', and its number, %d, now belongs to another table"
                            .formatted(source.client().url(), kept.name(), kept.number()));
        }
    }

    private TableDiff.Result compare(String what, SnapshotPlace.Content content, String table, LiveTables live)
            throws IOException {
        tally.say(what);
        try (Documents before = SnapshotZip.read(content.file(), table); Documents now = live.open(table)) {
            return new TableDiff(SHOWN, tally).compare(before, now);
        }
    }

    private WritesBetween replace(SnapshotPlace.Content content, Manifest.Table kept, LiveTables live)
            throws IOException {
        Path alone = Files.createTempFile("backfill-restore", ".zip");
        try {
            tally.say("writing '%s' for the import".formatted(kept.name()));
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(alone), 1 << 16);
                    Documents documents = SnapshotZip.read(content.file(), kept.name())) {
                SnapshotZip zip = SnapshotZip.begin(out, Map.of(kept.name(), kept.number()));
                SnapshotZip.Written written = zip.write(kept.name(), documents, new Tally());
                if (!written.sha256().equals(kept.sha256())) {
                    throw new RefusedException(
                            "The documents of '%s' in the snapshot are not those that its manifest tells of; nothing was changed"
                                    .formatted(kept.name()));
                }
                zip.complete();
            }
            tally.say("importing '%s'".formatted(kept.name()));
            Long since = live.timestamp();
            WritesWatch watch = since == null ? null
                    : new WritesWatch(source.client(), source.options(), kept.name(), since, SHOWN);
            SnapshotImport.Completed completed = new SnapshotImport(source.client(), source.options()).replace(alone,
                    watch == null ? () -> {} : watch::look);
            return watch == null ? new WritesBetween(false, 0, List.of(), 0) : watch.until(completed.timestamp());
        } finally {
            Files.deleteIfExists(alone);
        }
    }
}
