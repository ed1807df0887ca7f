package dev.convexbackfill.job.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where plugins in Java are. */
final class PluginOptions {

    private static final String VARIABLE = "BACKFILL_PLUGINS";

    @Option(names = "--plugins", paramLabel = "DIR", description = "The folder with the jars of plugins in Java that the plan names. Default: $BACKFILL_PLUGINS.")
    private @Nullable Path given;

    /** Null if none is given. */
    @Nullable
    Path folder() {
        String variable = System.getenv(VARIABLE);
        return given != null ? given : variable == null || variable.isBlank() ? null : Path.of(variable);
    }

    /** What gives the same to another process. */
    List<String> args() {
        return given == null ? List.of() : List.of("--plugins", given.toAbsolutePath().toString());
    }
}
