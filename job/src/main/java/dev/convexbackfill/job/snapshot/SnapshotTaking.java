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

import dev.convexbackfill.job.point.DeploymentPoint;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.snapshot.Manifest.ContentFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes a snapshot: what the deployment is, and the documents of some of its tables. Memory does not grow with them. */
public final class SnapshotTaking {

    private final SnapshotSource source;
    private final SnapshotPlace place;
    private final int passes;
    private final Tally tally;

    /** {@code passes} is how often a table is read at most where there is no streaming export. */
    public SnapshotTaking(SnapshotSource source, SnapshotPlace place, int passes, Tally tally) {
        this.source = source;
        this.place = place;
        this.passes = passes;
        this.tally = tally;
    }

    /**
     * Takes one. Throws {@link RefusedException} if it can't be begun; and then, as after any other failure, there is none of that
     * name.
     *
     * @param tables those whose documents are wanted
     * @param all    true for those of all tables of the app
     */
    public Manifest take(String name, Collection<String> tables, boolean all) {
        tally.say("looking at the deployment");
        DeploymentPoint point = source.point(_ -> true);
        List<String> wanted = all ? SnapshotSource.appTables(point) : tables.stream().distinct().sorted().toList();
        SnapshotSource.requireTables(wanted, point);
        try (SnapshotPlace.Writing writing = place.begin(name)) {
            Manifest manifest = wanted.isEmpty()
                    ? new Manifest(name, source.client().url().toString(), point, List.of(), null)
                    : withContent(name, point, wanted, writing);
            tally.say("making it appear");
            writing.commit(manifest);
            return manifest;
        } catch (IOException failed) {
            throw new UncheckedIOException("The snapshot '%s' can't be written to %s (%s)".formatted(name,
                    place.describe(), failed.getMessage()), failed);
        }
    }

    private Manifest withContent(String name, DeploymentPoint point, List<String> wanted,
            SnapshotPlace.Writing writing) throws IOException {
        Map<String, Long> numbers = new LinkedHashMap<>();
        for (String table : wanted) {
            DeploymentPoint.Table known = point.table(table).orElseThrow();
            numbers.put(table, known.number());
            tally.expect(known.documents() == null ? 0 : known.documents());
        }
        LiveTables live = source.now(wanted.getFirst());
        List<Manifest.Table> content = new ArrayList<>();
        try (OutputStream out = writing.content()) {
            DigestedOutput digested = new DigestedOutput(out);
            SnapshotZip zip = SnapshotZip.begin(digested, numbers);
            for (String table : wanted) {
                content.add(write(zip, table, point.table(table).orElseThrow(), live, writing));
            }
            zip.complete();
            out.flush();
            // what holds the file closes it when it is safe on the disk
            return new Manifest(name, source.client().url().toString(), point, content,
                    new ContentFile(digested.bytes(), digested.sha256Hex()));
        }
    }

    private Manifest.Table write(SnapshotZip zip, String table, DeploymentPoint.Table known, LiveTables live,
            SnapshotPlace.Writing writing) throws IOException {
        Long timestamp = live.timestamp();
        if (timestamp != null) {
            tally.say("reading '%s'".formatted(table));
            try (Documents documents = live.open(table)) {
                SnapshotZip.Written written = zip.write(table, documents, tally);
                return new Manifest.Table(table, known.number(), written.documents(), written.sha256(),
                        new Consistency.AtTimestamp(timestamp));
            }
        }
        ScanPasses.Reading reading = new ScanPasses(live, source.admin(), writing.scratch(), passes, tally).read(table,
                known.documents());
        tally.say("writing '%s'".formatted(table));
        try (Documents documents = reading.open()) {
            SnapshotZip.Written written = zip.write(table, documents, new Tally());
            return new Manifest.Table(table, known.number(), written.documents(), written.sha256(),
                    reading.consistency());
        } finally {
            Files.deleteIfExists(reading.file());
        }
    }
}
