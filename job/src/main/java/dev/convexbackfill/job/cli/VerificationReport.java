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
import dev.convexbackfill.job.progress.ProgressDisplay;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.progress.RunProgress;
import dev.convexbackfill.job.rehearsal.report.Printable;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.Run;
import dev.convexbackfill.job.run.RunKind;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.job.run.RunState;
import dev.convexbackfill.readerswriters.verification.Mismatch;
import dev.convexbackfill.readerswriters.verification.MismatchKind;
import dev.convexbackfill.readerswriters.verification.VerificationStore;
import dev.convexbackfill.readerswriters.verification.VerificationStore.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says what a verification has found. */
final class VerificationReport {

    static final int SHOWN = 20;
    private static final int PAGE = 500;
    private static final List<String> COLUMNS = List.of("document", "kind", "isWrong", "field", "expected", "found",
            "message", "firstSeen", "seenAgain");

    private final RunRepository repository;
    private final int limit;
    private final Output output;

    /** Shows at most {@code limit} mismatches, what is wrong first. */
    VerificationReport(RunRepository repository, int limit, Output output) {
        this.repository = repository;
        this.limit = limit;
        this.output = output;
    }

    /** Says how a verification that is at rest has ended, and returns the exit code. */
    int end(RunProgress progress, ProgressDisplay display) {
        display.close();
        int code = show(progress);
        output.say("  " + ReportCommand.hint(progress.run().name()));
        return code;
    }

    /** Says what it has found so far, and returns the exit code. */
    int show(RunProgress progress) {
        Run run = progress.run();
        RunKind.Verification kind = kind(run);
        Map<MismatchKind, Long> counts = counts(run.name());
        long wrong = sum(counts, true);
        List<Row> rows = rows(run.name());
        Map<String, @Nullable Object> result = new LinkedHashMap<>(RunReport.toMap(progress));
        result.put("verifies", kind.of());
        result.put("sampleOfEachRange", kind.sample());
        result.put("isClean", run.state() == RunState.COMPLETED && wrong == 0);
        result.put("wrong", wrong);
        Map<String, Object> byKind = new LinkedHashMap<>();
        counts.forEach((mismatch, count) -> byKind.put(mismatch.name(), count));
        result.put("mismatches", byKind);
        VerifiedMark mark = VerifiedMark.of(repository, run.name());
        result.put("verified", mark.toMap());
        result.put("first", rows.stream().map(VerificationReport::toMap).toList());
        output.result(result);
        output.say("\n" + headline(run, kind, wrong));
        lines(progress).forEach(output::say);
        if (wrong > 0 || run.state() != RunState.COMPLETED) {
            output.say("  " + mark.text());
        }
        rows.forEach(row -> output.say("  " + text(row)));
        if (sum(counts, true) + sum(counts, false) > rows.size()) {
            output.say("  All that are kept: ./backfill verify %s --csv FILE".formatted(run.name()));
        }
        if (kind.sample() != null) {
            output.say(
                    "  A sample can't prove that the other documents are right, that no value is there twice, or that nothing is"
                            + " missing; without --sample every document is looked at");
        }
        return switch (run.state()) {
            case COMPLETED -> wrong == 0 ? ExitCode.COMPLETED : ExitCode.COMPLETED_WITH_QUARANTINE;
            case FAILED -> ExitCode.FAILED;
            case STOPPED, CREATED, RUNNING, WAITING -> ExitCode.STOPPED;
        };
    }

    private static RunKind.Verification kind(Run run) {
        if (run.kind() instanceof RunKind.Verification verification) {
            return verification;
        }
        throw new IllegalArgumentException("Run '%s' is no verification".formatted(run.name()));
    }

    private static String headline(Run run, RunKind.Verification kind, long wrong) {
        return switch (run.state()) {
            case COMPLETED -> wrong == 0
                    ? "Run '%s' is verified%s: nothing is wrong.".formatted(kind.of(),
                            kind.sample() == null ? "" : " by a sample")
                    : "Run '%s' is verified, and %s wrong.".formatted(kind.of(),
                            wrong == 1 ? "1 thing is" : ProgressText.number(wrong) + " things are");
            case FAILED -> "Verification '%s' failed: %s. Go on with: ./backfill resume %s".formatted(run.name(),
                    run.reason(), run.name());
            case STOPPED, CREATED, RUNNING,
                    WAITING -> "Verification '%s' is not complete%s. Go on with: ./backfill resume %s"
                            .formatted(run.name(), run.reason() == null ? "" : ": " + run.reason(), run.name());
        };
    }

    /** What was looked at, and how much of each kind was found. */
    List<String> lines(RunProgress progress) {
        List<String> lines = new ArrayList<>();
        lines.add("  %12s  documents looked at".formatted(ProgressText.number(progress.counts().read())));
        Map<MismatchKind, Long> counts = counts(progress.run().name());
        counts.forEach((kind, count) -> {
            if (kind.isWrong()) {
                lines.add("  %12s  %s: %s".formatted(ProgressText.number(count), kind, kind.meaning()));
            }
        });
        counts.forEach((kind, count) -> {
            if (!kind.isWrong()) {
                lines.add("  %12s  %s: %s, which a writing app does".formatted(ProgressText.number(count), kind,
                        kind.meaning()));
            }
        });
        return lines;
    }

    /** What it has found, as far as it is shown: a line each. */
    List<String> found(String verification) {
        return rows(verification).stream().map(VerificationReport::text).toList();
    }

    private Map<MismatchKind, Long> counts(String run) {
        return repository.transactions().execute(_ -> new VerificationStore(repository.jdbc()).counts(run));
    }

    private static long sum(Map<MismatchKind, Long> counts, boolean isWrong) {
        return counts.entrySet().stream().filter(count -> count.getKey().isWrong() == isWrong)
                .mapToLong(Map.Entry::getValue).sum();
    }

    private List<Row> rows(String run) {
        List<Row> rows = new ArrayList<>(page(run, true, null, limit));
        rows.addAll(page(run, false, null, limit - rows.size()));
        return rows;
    }

    private List<Row> page(String run, boolean isWrong, @Nullable Row after, int rows) {
        return repository.transactions().execute(_ -> new VerificationStore(repository.jdbc()).page(run, isWrong,
                after == null ? Integer.MIN_VALUE : after.range(), after == null ? 0 : after.number(), rows));
    }

    private static String text(Row row) {
        Mismatch mismatch = row.mismatch();
        String document = mismatch.document() == null ? "the run" : mismatch.document();
        String values = mismatch.expected() == null && mismatch.found() == null ? ""
                : " (%sexpected %s, found %s)".formatted(
                        mismatch.field() == null ? "" : "'" + mismatch.field() + "': ", mismatch.expected(),
                        mismatch.found());
        return Printable.text("%s  %s  %s%s".formatted(document, mismatch.kind(), mismatch.message(), values));
    }

    private static Map<String, @Nullable Object> toMap(Row row) {
        Mismatch mismatch = row.mismatch();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("document", mismatch.document());
        map.put("kind", mismatch.kind().name());
        map.put("isWrong", mismatch.kind().isWrong());
        map.put("field", mismatch.field());
        map.put("expected", mismatch.expected());
        map.put("found", mismatch.found());
        map.put("message", mismatch.message());
        map.put("firstSeen", row.first().toString());
        map.put("seenAgain", row.again().toString());
        return map;
    }

    /** Writes all that are kept. Throws {@link RefusedException} if the file can't be written. */
    void writeCsv(String run, Path file) {
        long count = 0;
        try (CsvWriter writer = CsvWriter.builder().build(file, UTF_8)) {
            writer.writeRecord(COLUMNS);
            for (boolean isWrong : new boolean[]{true, false}) {
                List<Row> rows = page(run, isWrong, null, PAGE);
                while (!rows.isEmpty()) {
                    for (Row row : rows) {
                        writer.writeRecord(toMap(row).values().stream()
                                .map(value -> value == null ? "" : value.toString()).toList());
                        count++;
                    }
                    rows = page(run, isWrong, rows.getLast(), PAGE);
                }
            }
        } catch (IOException failed) {
            throw new RefusedException("'%s' can't be written: %s".formatted(file, failed.getMessage()), failed);
        }
        output.say("Wrote %s: %s mismatches of '%s'".formatted(file, ProgressText.number(count), run));
    }
}
