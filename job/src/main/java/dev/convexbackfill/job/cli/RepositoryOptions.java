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
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.repository.RepositorySchema;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.run.RunRepository;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.jdbc.BadSqlGrammarException;
import picocli.CommandLine.Option;

/** Which job repository. */
final class RepositoryOptions {

    private static final Path DEFAULT_FOLDER = Path.of(".backfill");
    private static final String URL_VARIABLE = "BACKFILL_REPOSITORY_URL";

    @Option(names = "--repository", paramLabel = "JDBC-URL", description = "Where runs are kept: a PostgreSQL database, or an H2 file. Default: $BACKFILL_REPOSITORY_URL, with"
            + " _USERNAME and _PASSWORD, or an H2 file in .backfill/.")
    private @Nullable String repository;

    /** Throws {@link RefusedException} for what is no database that can be used. */
    RepositoryLocation location() {
        String url = repository != null ? repository : System.getenv(URL_VARIABLE);
        if (url == null || url.isBlank()) {
            return RepositoryLocation.inFolder(DEFAULT_FOLDER);
        }
        try {
            return new RepositoryLocation(url, System.getenv("BACKFILL_REPOSITORY_USERNAME"),
                    System.getenv("BACKFILL_REPOSITORY_PASSWORD"));
        } catch (IllegalArgumentException invalid) {
            throw new RefusedException(String.valueOf(invalid.getMessage()), invalid);
        }
    }

    /** Opens the repository to execute runs. */
    RunContext open(BackfillSettings settings) {
        RepositoryLocation location = location();
        try {
            return RunContext.open(location, settings);
        } catch (RuntimeException failed) {
            throw unreachable(location, failed);
        }
    }

    /**
     * Asks the repository something, without starting what only executing needs; {@code empty} if nothing was ever run. Asks
     * again, once, if the connection breaks, or if the tables are those of an older version, which are brought up to date then.
     */
    <T> T ask(Function<RunRepository, T> question, T empty) {
        RepositoryLocation location = location();
        if (location.isAbsent()) {
            return empty;
        }
        try {
            return askOnce(location, question, empty);
        } catch (RuntimeException failed) {
            if (!hasCause(SQLNonTransientConnectionException.class, failed)) {
                throw unreachable(location, failed);
            }
        }
        // the process that served an H2 file has just ended; this one opens it
        try {
            return askOnce(location, question, empty);
        } catch (RuntimeException failed) {
            throw unreachable(location, failed);
        }
    }

    private static <T> T askOnce(RepositoryLocation location, Function<RunRepository, T> question, T empty) {
        try (HikariDataSource dataSource = RepositoryDataSource.forOneQuestion(location)) {
            return RepositorySchema.exists(dataSource) ? question.apply(RunRepository.over(dataSource)) : empty;
        } catch (BadSqlGrammarException older) {
            OldRepository.bringUpToDate(location, settings().lease());
        }
        try (HikariDataSource dataSource = RepositoryDataSource.forOneQuestion(location)) {
            return question.apply(RunRepository.over(dataSource));
        }
    }

    private static boolean hasCause(Class<? extends SQLException> kind, Throwable failed) {
        return Stream.<@Nullable Throwable>iterate(failed, Objects::nonNull, cause -> requireNonNull(cause).getCause())
                .anyMatch(kind::isInstance);
    }

    /** False if {@link #ask} would open what no process has open, and so get into the way of one that is about to. */
    boolean isOpen() {
        return location().isOpen();
    }

    /** What another process needs in its environment to use the same repository: on its command line others could see a password. */
    Map<String, String> environment() {
        return repository == null ? Map.of() : Map.of(URL_VARIABLE, repository);
    }

    private static RuntimeException unreachable(RepositoryLocation location, RuntimeException failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof RefusedException refused) {
                return refused;
            }
            if (cause instanceof SQLException sql) {
                return new RefusedException("The repository %s can't be used: %s. Check --repository, or"
                        .formatted(location.describe(), firstLine(sql.getMessage()))
                        + " BACKFILL_REPOSITORY_URL, _USERNAME and _PASSWORD.", failed);
            }
        }
        return failed;
    }

    private static String firstLine(@Nullable String text) {
        return text == null ? "no reason given" : text.lines().findFirst().orElse("");
    }

    /** How processes behave: the defaults, unless the environment says otherwise. */
    static BackfillSettings settings() {
        BackfillSettings settings = BackfillSettings.DEFAULT;
        try {
            return settings
                    .withLease(duration("BACKFILL_LEASE", settings.lease()))
                    .withGiveUpAfter(duration("BACKFILL_GIVE_UP_AFTER", settings.giveUpAfter()))
                    .withCallTimeout(duration("BACKFILL_CALL_TIMEOUT", settings.callTimeout()));
        } catch (IllegalArgumentException invalid) {
            throw new RefusedException(String.valueOf(invalid.getMessage()), invalid);
        }
    }

    private static Duration duration(String variable, Duration otherwise) {
        String text = System.getenv(variable);
        if (text == null || text.isBlank()) {
            return otherwise;
        }
        try {
            return DurationStyle.SIMPLE.parse(text.strip());
        } catch (IllegalArgumentException invalid) {
            throw new RefusedException("%s is '%s' and must be a time such as 30s or 10m".formatted(variable, text),
                    invalid);
        }
    }
}
