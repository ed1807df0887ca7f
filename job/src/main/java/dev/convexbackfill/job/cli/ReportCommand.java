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
import static java.util.Objects.requireNonNull;

import dev.convexbackfill.job.report.HtmlReport;
import dev.convexbackfill.job.report.JsonReport;
import dev.convexbackfill.job.report.MarkdownReport;
import dev.convexbackfill.job.report.Report;
import dev.convexbackfill.job.report.ReportStore;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.RunRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows all that is known of a run, also while it runs and after its journal was dropped. */
@Command(name = "report", description = "Report on a run: what it did, how fast, what it left, and what to do next.")
final class ReportCommand implements Callable<Integer> {

    /** For whom. */
    enum Format {
        markdown, json, html
    }

    @Parameters(paramLabel = "RUN", description = "The run: a backfill, a replay, a rollback or a verification.")
    private @Nullable String name;

    @Option(names = "--format", paramLabel = "FORMAT", description = "markdown, for a pull request; json, for machines; or html, a page that stands alone."
            + " Default: by the ending of --out, or markdown.")
    private @Nullable Format format;

    @Option(names = "--out", paramLabel = "FILE", description = "Where to write it. Default: the screen.")
    private @Nullable Path out;

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        Format asked = format();
        String run = requireNonNull(name);
        Report report = repository.ask(stores -> Optional.of(report(stores, run)), Optional.<Report>empty())
                .orElseThrow(() -> ResumeCommand.unknown(run));
        String text = switch (asked) {
            case markdown -> MarkdownReport.of(report);
            case json -> JsonReport.pretty(report) + "\n";
            case html -> HtmlReport.of(report);
        };
        if (out == null) {
            System.out.print(text);
        } else {
            write(out, text);
        }
        return ExitCode.COMPLETED;
    }

    private Format format() {
        if (output.isJson() && format != null && format != Format.json) {
            throw new RefusedException("--json is --format json; leave one of them out");
        }
        if (format != null) {
            return format;
        }
        String file = out == null ? "" : out.toString();
        if (output.isJson() || file.endsWith(".json")) {
            return Format.json;
        }
        return file.endsWith(".html") ? Format.html : Format.markdown;
    }

    private static Report report(RunRepository stores, String name) {
        return new ReportStore(stores, RepositoryOptions.settings().lease())
                .of(stores.runs().find(name).orElseThrow(() -> ResumeCommand.unknown(name)));
    }

    private void write(Path file, String text) {
        try {
            Files.writeString(file, text, UTF_8);
        } catch (IOException failed) {
            throw new RefusedException("'%s' can't be written: %s".formatted(file, failed.getMessage()), failed);
        }
        output.say("Wrote %s".formatted(file));
    }

    /** Where to get the report of a run. */
    static String hint(String run) {
        return "The report: ./backfill report %s --out %s.html".formatted(run, run);
    }
}
