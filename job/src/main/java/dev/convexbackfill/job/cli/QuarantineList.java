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
import dev.convexbackfill.job.rehearsal.MessageShape;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore.ReasonCount;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore.Row;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is in quarantine after a run and its replays; some of it on the screen, all of it in files, and never all in memory. */
final class QuarantineList {

    static final int MAX_SHOWN = 1000;
    private static final int PAGE = 1000;
    private static final int MESSAGES = 10;

    private final QuarantineStore store;
    private final String run;
    private final MessageShape shapes;

    /** {@code shapes} makes one of messages that differ only in what documents hold. */
    QuarantineList(QuarantineStore store, String run, MessageShape shapes) {
        this.store = store;
        this.run = run;
        this.shapes = shapes;
    }

    void show(@Nullable String after, int limit, Output output) {
        long all = store.count(run);
        List<ReasonCount> reasons = store.reasons(run);
        MessageTally messages = new MessageTally(shapes);
        forEach(row -> messages.add(row.document().reason(), row.document().message()));
        List<Row> rows = first(after, limit);
        output.say("Run '%s': %s in quarantine".formatted(run, documents(all)));
        for (ReasonCount reason : reasons) {
            output.say("  %10s  %s".formatted(ProgressText.number(reason.documents()), reason.reason()));
            messages.most(reason.reason(), MESSAGES).forEach(message -> output
                    .say("  %10s    %s".formatted(ProgressText.number(message.documents()), message.shape())));
        }
        rows.forEach(row -> output.say("%s  %s  %s".formatted(row.document().id(), row.document().reason(),
                row.document().message())));
        if (rows.size() == limit && limit > 0 && limit < all) {
            output.say("More: ./backfill quarantine %s --after %s; all: --csv FILE or --jsonl FILE".formatted(run,
                    rows.getLast().document().id()));
        }
        if (all > 0) {
            output.say("Try them again: ./backfill quarantine %s --replay [--plan FILE]".formatted(run));
        }
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        result.put("run", run);
        result.put("inQuarantine", all);
        Map<String, Object> byReason = new LinkedHashMap<>();
        reasons.forEach(reason -> byReason.put(reason.reason().name(), reason.documents()));
        result.put("reasons", byReason);
        result.put("documents", rows.stream().map(QuarantineList::toMap).toList());
        output.result(result);
    }

    private static String documents(long count) {
        return count == 1 ? "1 document is" : ProgressText.number(count) + " documents are";
    }

    /** By id; {@code after} is the last of what was shown before, of whichever run. */
    private List<Row> first(@Nullable String after, int limit) {
        List<Row> rows = new ArrayList<>();
        for (String part : store.runs(run)) {
            rows.addAll(store.page(part, after, limit));
        }
        rows.sort((left, right) -> left.document().id().compareTo(right.document().id()));
        return rows.subList(0, Math.min(limit, rows.size()));
    }

    private static Map<String, @Nullable Object> toMap(Row row) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("id", row.document().id());
        map.put("reason", row.document().reason().name());
        map.put("message", row.document().message());
        map.put("inputDigest", row.document().input());
        map.put("planDigest", row.planDigest());
        map.put("run", row.run());
        map.put("at", row.at().toString());
        return map;
    }

    private interface RowConsumer<X extends Exception> {

        void accept(Row row) throws X;
    }

    private <X extends Exception> long forEach(RowConsumer<X> consumer) throws X {
        long count = 0;
        for (String part : store.runs(run)) {
            String last = null;
            List<Row> page = store.page(part, null, PAGE);
            while (!page.isEmpty()) {
                for (Row row : page) {
                    consumer.accept(row);
                    last = row.document().id();
                    count++;
                }
                page = page.size() < PAGE ? List.of() : store.page(part, last, PAGE);
            }
        }
        return count;
    }

    /** Throws {@link RefusedException} if the file can't be written. */
    void writeCsv(Path file, Output output) {
        try (CsvWriter writer = CsvWriter.builder().build(file, UTF_8)) {
            writer.writeRecord("id", "reason", "message", "inputDigest", "planDigest", "run", "at");
            wrote(file, output, forEach(row -> writer.writeRecord(toMap(row).values().stream()
                    .map(value -> value == null ? "" : value.toString()).toList())));
        } catch (IOException failed) {
            throw unwritable(file, failed);
        }
    }

    /** Throws {@link RefusedException} if the file can't be written. */
    void writeJsonLines(Path file, Output output) {
        try (Writer writer = Files.newBufferedWriter(file, UTF_8)) {
            wrote(file, output, forEach(row -> writer.append(Output.json(toMap(row))).append('\n')));
        } catch (IOException failed) {
            throw unwritable(file, failed);
        }
    }

    private void wrote(Path file, Output output, long count) {
        output.say("Wrote %s: %s in quarantine after run '%s'".formatted(file, documents(count), run));
        output.result(Map.of("run", run, "file", file.toString(), "documents", count));
    }

    private static RefusedException unwritable(Path file, IOException failed) {
        return new RefusedException("'%s' can't be written: %s".formatted(file, failed.getMessage()), failed);
    }
}
