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

import dev.convexbackfill.job.run.RefusedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(name = "backfill", mixinStandardHelpOptions = true, version = "convex-backfill 0.1.0", description = "Backfills and migrates tables of Convex deployments: exactly once, restartable, beside a running app.", subcommands = {
        DemoCommand.class, LocalCommand.class, InitCommand.class, CheckCommand.class, RehearseCommand.class,
        RunCommand.class,
        ResumeCommand.class, ApproveCommand.class, StopCommand.class, StatusCommand.class, ListCommand.class,
        QuarantineCommand.class,
        VerifyCommand.class, RollbackCommand.class, ReferencesCommand.class, SnapshotCommand.class, ReportCommand.class,
        PurgeCommand.class,
        SchemaCommand.class, TrainCommand.class}, footer = {"", "Begin with: ./backfill demo"})
final class BackfillCommand {

    private BackfillCommand() {}

    /** Executes a command line and returns the exit code. */
    static int execute(String... args) {
        CommandLine commandLine = new CommandLine(new BackfillCommand());
        commandLine.getSubcommands().values()
                .forEach(command -> command.getCommandSpec().mixinStandardHelpOptions(true));
        commandLine.setExecutionExceptionHandler((failure, command, _) -> {
            command.getErr().println(message(failure));
            return failure instanceof RefusedException ? ExitCode.REFUSED : ExitCode.FAILED;
        });
        if (args.length == 0) {
            commandLine.usage(System.out);
            return ExitCode.REFUSED;
        }
        return commandLine.execute(args);
    }

    private static String message(Exception failure) {
        if (failure instanceof RefusedException) {
            return String.valueOf(failure.getMessage());
        }
        LoggerFactory.getLogger(BackfillCommand.class).error("The command failed", failure);
        @Nullable
        String said = failure.getMessage();
        return "The command failed: %s. What was applied stays applied, once; details are in %s.".formatted(
                said == null ? failure.getClass().getSimpleName() : said,
                LogFile.path());
    }
}
