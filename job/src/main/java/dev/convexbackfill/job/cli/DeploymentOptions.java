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

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.job.run.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which deployment, and the key to it; the key never on the command line, where others could see it. */
final class DeploymentOptions {

    private static final List<String> URL_VARIABLES = List.of("CONVEX_SELF_HOSTED_URL", "CONVEX_URL");
    private static final List<String> KEY_VARIABLES = List.of("CONVEX_DEPLOY_KEY", "CONVEX_SELF_HOSTED_ADMIN_KEY");

    @Option(names = "--url", paramLabel = "URL", description = "The deployment, such as https://happy-animal-123.convex.cloud."
            + " Default: $CONVEX_SELF_HOSTED_URL or $CONVEX_URL.")
    private @Nullable String url;

    @Option(names = "--admin-key-file", paramLabel = "FILE", description = "A file with the deploy key. Default: $CONVEX_DEPLOY_KEY or $CONVEX_SELF_HOSTED_ADMIN_KEY.")
    private @Nullable Path keyFile;

    /** Throws {@link RefusedException} if it is not given, or no URL. */
    URI url() {
        String given = givenUrl();
        if (given == null) {
            throw new RefusedException("Which deployment? Give --url, or set CONVEX_URL.");
        }
        return parse(given);
    }

    /** As {@link #url}, but null if it is not given. */
    @Nullable
    URI urlIfGiven() {
        String given = givenUrl();
        return given == null ? null : parse(given);
    }

    private @Nullable String givenUrl() {
        return url != null ? url : firstOf(URL_VARIABLES);
    }

    private static URI parse(String text) {
        try {
            URI uri = new URI(text.strip());
            ConvexClient.builder(uri).build().close();
            return uri;
        } catch (URISyntaxException | IllegalArgumentException invalid) {
            throw new RefusedException(
                    "'%s' is not a deployment's URL such as https://happy-animal-123.convex.cloud".formatted(text),
                    invalid);
        }
    }

    /** Throws {@link RefusedException}, without the key in it, if there is none. */
    DeployKey key() {
        try {
            if (keyFile != null) {
                return new DeployKey(Files.readString(keyFile));
            }
            String given = firstOf(KEY_VARIABLES);
            if (given == null) {
                throw new RefusedException(
                        "Which deploy key? Set CONVEX_DEPLOY_KEY, or give --admin-key-file. The dashboard of"
                                + " the deployment makes one under Settings.");
            }
            return new DeployKey(given);
        } catch (IOException unreadable) {
            throw new RefusedException("The file '%s' with the deploy key can't be read".formatted(keyFile),
                    unreadable);
        } catch (IllegalArgumentException invalid) {
            throw new RefusedException(String.valueOf(invalid.getMessage()), invalid);
        }
    }

    /** Throws {@link RefusedException} if the key can be read only once, and so not by another process. */
    void requireKeyForOthers() {
        if (keyFile != null && Files.exists(keyFile) && !Files.isRegularFile(keyFile)) {
            throw new RefusedException(
                    "'%s' can't be read again by a process in the background: give a file, or set CONVEX_DEPLOY_KEY"
                            .formatted(keyFile));
        }
    }

    /** The options as they were given, for another process; the key is not among them. */
    List<String> args() {
        List<String> args = new ArrayList<>();
        if (url != null) {
            args.addAll(List.of("--url", url));
        }
        if (keyFile != null) {
            args.addAll(List.of("--admin-key-file", keyFile.toString()));
        }
        return args;
    }

    private static @Nullable String firstOf(List<String> variables) {
        for (String variable : variables) {
            String value = System.getenv(variable);
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        return null;
    }
}
