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
package dev.convexbackfill.contract;

import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.NodeProject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Convex's official command line, in a folder that looks like an app's and has nothing but its {@code package.json}. */
final class ConvexCommandLine {

    private static final long MINUTES = 3;

    private final Path command;
    private final Path folder;

    /** {@code folder} is empty. */
    ConvexCommandLine(NodeProject project, Path folder) {
        this.command = project.tool("convex");
        this.folder = folder;
        try {
            Files.writeString(folder.resolve("package.json"), "{\"private\":true,\"dependencies\":{\"convex\":\"*\"}}");
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    /** How a command ended, and what it printed. */
    record Ended(int exitCode, String out, String err) {

        /** What it printed as its result. Throws {@link AssertionError} with all else if it failed. */
        String result() {
            if (exitCode != 0) {
                throw new AssertionError("The command ended with %d:%n%s%n%s".formatted(exitCode, err, out));
            }
            return out;
        }
    }

    /** Runs a command on a deployment. */
    Ended run(ServedDeployment deployment, String... words) {
        return run(deployment, Map.of(), words);
    }

    /** As {@link #run}, with more variables in the environment. */
    Ended run(ServedDeployment deployment, Map<String, String> variables, String... words) {
        try {
            Path out = Files.createTempFile("convex", ".out");
            Path err = Files.createTempFile("convex", ".err");
            try {
                ProcessBuilder builder = new ProcessBuilder(words(words)).directory(folder.toFile())
                        .redirectOutput(out.toFile()).redirectError(err.toFile());
                builder.environment().putAll(environment(deployment));
                builder.environment().putAll(variables);
                Process process = builder.start();
                process.getOutputStream().close();
                boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
                if (!ended) {
                    process.destroyForcibly();
                }
                Ended result = new Ended(ended ? process.exitValue() : -1, read(out), read(err));
                if (!ended) {
                    throw new AssertionError("'convex %s' took longer than %d minutes: %s".formatted(
                            String.join(" ", words), MINUTES, result));
                }
                return result;
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** Starts a command that goes on until it is closed. */
    JavaProcess start(ServedDeployment deployment, String... words) {
        return JavaProcess.start(words(words), environment(deployment), folder);
    }

    private List<String> words(String... words) {
        List<String> all = new ArrayList<>(List.of(command.toString()));
        all.addAll(List.of(words));
        return all;
    }

    /** Also keeps away what would lead it to another deployment; a variable that is empty is none to it. */
    private static Map<String, String> environment(ServedDeployment deployment) {
        return Map.of(
                "CONVEX_SELF_HOSTED_URL", deployment.url().toString(),
                "CONVEX_SELF_HOSTED_ADMIN_KEY", DeploymentsServer.KEY.value(),
                "CONVEX_DEPLOYMENT", "",
                "CONVEX_DEPLOY_KEY", "",
                "CONVEX_DEPLOYMENT_TOKEN", "",
                "NO_PROXY", "127.0.0.1",
                "NO_COLOR", "1",
                // reports no errors to its maker
                "CI", "1");
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
