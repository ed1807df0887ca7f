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

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.job.code.UserCode;
import dev.convexbackfill.job.progress.ProgressDisplay;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.rehearsal.Rehearsal;
import dev.convexbackfill.job.rehearsal.RehearsalProgress;
import dev.convexbackfill.job.rehearsal.RehearsalReport;
import dev.convexbackfill.job.rehearsal.RehearsalReport.Counts;
import dev.convexbackfill.job.rehearsal.Scope;
import dev.convexbackfill.job.rehearsal.report.Colours;
import dev.convexbackfill.job.rehearsal.report.HtmlReport;
import dev.convexbackfill.job.rehearsal.report.JsonReport;
import dev.convexbackfill.job.rehearsal.report.TextReport;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.ReferencedRuns;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.readerswriters.transform.ExternalTransforms;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "rehearse", description = "Show what a plan would do to every document. Writes nothing.")
final class RehearseCommand implements Callable<Integer> {

    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    /** After a signal; scripts may rely on the process ending within 5 s. */
    private static final Duration LAST_MOMENT = Duration.ofSeconds(4);

    @Parameters(paramLabel = "PLAN", description = "The plan, a YAML file.")
    private @Nullable Path planFile;

    @Option(names = "--sample", paramLabel = "N", description = "Read only N documents, drawn from all over the table. Default: read all.")
    private @Nullable Integer sample;

    @Option(names = "--seed", paramLabel = "SEED", description = "Draw the same documents as a rehearsal that printed this seed.")
    private @Nullable Long seed;

    @Option(names = "--html", paramLabel = "FILE", description = "Write the report into FILE, too, as a page that stands alone.")
    private @Nullable Path html;

    @Mixin
    private final PluginOptions plugins = new PluginOptions();

    @Mixin
    private final RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    private final DeploymentOptions deployment = new DeploymentOptions();

    @Mixin
    private final Output output = new Output();

    /** Those that look up ids of earlier runs; ranges take turns. */
    private static final int REPOSITORY_CONNECTIONS = 4;

    @Override
    public Integer call() {
        Plan plan = PlanFile.read(requireNonNull(planFile), plugins.folder());
        Scope scope = scope();
        requireWritable(html);
        try (UserCode code = new UserCode(plugins.folder())) {
            ExternalTransforms external = code.at(Instant.now());
            if (ReferencedRuns.of(plan).isEmpty()) {
                return rehearse(plan, external, scope);
            }
            requireReferencedRuns(plan);
            try (HikariDataSource runs = RepositoryDataSource.forRuns(repository.location(), REPOSITORY_CONNECTIONS)) {
                return rehearse(plan, RunRepository.over(runs).transforms(external), scope);
            }
        }
    }

    private void requireReferencedRuns(Plan plan) {
        boolean isKnown = repository.ask(stores -> {
            ReferencedRuns.require(plan, deployment.url().toString(), stores.runs());
            return true;
        }, false);
        if (!isKnown) {
            throw ReferencedRuns.missing(ReferencedRuns.of(plan).getFirst());
        }
    }

    private int rehearse(Plan plan, ExternalTransforms external, Scope scope) {
        URI url = deployment.url();
        long drawn = seed != null ? seed : ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
        try (ConvexClient client = ConvexClient.builder(url).deployKey(deployment.key()).build();
                TransformChain chain = TransformChain.of(plan, external);
                Rehearsal rehearsal = new Rehearsal(plan, chain, client, new DeploymentCheck(client).check(plan),
                        RepositoryOptions.settings(), scope, drawn)) {
            follow(rehearsal, plan.name());
            return end(rehearsal.report());
        } catch (RuntimeException failed) {
            throw failed;
        } catch (IOException failed) {
            throw new UncheckedIOException("The report can't be written: " + failed.getMessage(), failed);
        } catch (Exception failed) {
            throw new IllegalStateException("The rehearsal failed; nothing was changed: " + failed.getMessage(),
                    failed);
        }
    }

    private Scope scope() {
        if (sample == null) {
            return new Scope.All();
        }
        if (sample < 1) {
            throw new RefusedException("--sample must be 1 or more, not %d".formatted(sample));
        }
        return new Scope.Sample(sample);
    }

    /** Better now than after an hour of reading. */
    private static void requireWritable(@Nullable Path file) {
        if (file == null) {
            return;
        }
        Path folder = requireNonNull(file.toAbsolutePath().getParent());
        if (Files.isDirectory(file) || !Files.isWritable(Files.exists(file) ? file : folder)) {
            throw new RefusedException(
                    "--html: the file '%s' can't be written; name one in a folder that is there and can be written to"
                            .formatted(file));
        }
    }

    /** Returns when the rehearsal has read what it is about, or was stopped by Ctrl-C or SIGTERM. */
    private void follow(Rehearsal rehearsal, String name) throws Exception {
        StopSignal ended = StopSignal.never();
        StopSignal asked = StopSignal.never();
        FutureTask<@Nullable Void> reading = new FutureTask<>(() -> {
            try {
                rehearsal.read();
            } finally {
                ended.give("it has ended");
            }
            return null;
        });
        try (Signals _ = Signals.onStop(signal -> {
            rehearsal.stop(signal);
            asked.give(signal);
        });
                ProgressDisplay display = ProgressDisplay.on(output.people(),
                        output.isTerminal(), name)) {
            Thread.ofVirtual().start(reading);
            while (!ended.await(LOOK_EVERY) && !asked.isGiven()) {
                show(rehearsal.progress(), display);
            }
            if (ended.await(LAST_MOMENT)) {
                show(rehearsal.progress(), display);
                reading.get();
            }
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception cause ? cause : failed;
        }
    }

    private static void show(RehearsalProgress progress, ProgressDisplay display) {
        Counts counts = progress.counts();
        FailureCategory trouble = progress.trouble();
        display.show(progress.fraction(), counts.read(),
                "%s read, %s to change, %s unchanged, %s to quarantine".formatted(ProgressText.number(counts.read()),
                        ProgressText.number(counts.changed()), ProgressText.number(counts.unchanged()),
                        ProgressText.number(counts.quarantined())),
                trouble == null ? null : WaitingFor.text(trouble));
    }

    private int end(RehearsalReport report) throws IOException {
        output.say("\n" + TextReport.of(report, output.isTerminal() ? colours() : Colours.NONE));
        output.result(JsonReport.of(report));
        if (html != null) {
            Files.writeString(html, HtmlReport.of(report), StandardCharsets.UTF_8);
            output.say("\nThe report is in %s, too.".formatted(html));
        }
        Counts counts = report.findings().counts();
        if (report.stopped() != null) {
            output.say("\nThe rehearsal was stopped by %s; the report is partial.".formatted(report.stopped()));
            return ExitCode.STOPPED;
        }
        if (counts.quarantined() + counts.failing() > 0) {
            return ExitCode.COMPLETED_WITH_QUARANTINE;
        }
        output.say("\nLaunch it with: ./backfill run %s%s".formatted(planFile,
                plugins.args().isEmpty() ? "" : " " + String.join(" ", plugins.args())));
        return ExitCode.COMPLETED;
    }

    private static Colours colours() {
        if (!Ansi.AUTO.enabled()) {
            return Colours.NONE;
        }
        return new Colours(text -> styled(Style.bold, text), text -> styled(Style.fg_yellow, text),
                text -> styled(Style.fg_green, text), text -> styled(Style.fg_red, text));
    }

    /** Not by picocli's markup, which documents could have, too. */
    private static String styled(Style style, String text) {
        return style.on() + text + Style.reset.on();
    }
}
