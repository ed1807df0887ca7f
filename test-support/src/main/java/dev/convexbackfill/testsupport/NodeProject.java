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
package dev.convexbackfill.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A folder with a {@code package.json} and its lock file, whose scripts tests run. */
public final class NodeProject {

    private static final long MINUTES = 5;

    private final Path folder;

    private NodeProject(Path folder) {
        this.folder = folder;
    }

    /**
     * The project in {@code folder}, relative to the checkout, with its packages installed. Ends the test where there is no
     * Node; {@code what} names what is left out then.
     */
    public static NodeProject in(String folder, String what) {
        LeftOut.unless(isNodeInstalled(), what, "Node is not installed");
        NodeProject project = new NodeProject(Repository.root().resolve(folder));
        project.install();
        return project;
    }

    /** Where it lies. */
    public Path folder() {
        return folder;
    }

    /** Whether this machine has Node, without which there is no project. */
    public static boolean isNodeInstalled() {
        try {
            return new ProcessBuilder("npm", "--version").redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private void install() {
        Path installed = folder.resolve("node_modules").resolve(".package-lock.json");
        Path lock = folder.resolve("package-lock.json");
        Path mutex = Repository.root().resolve("target").resolve("npm.lock");
        try {
            Files.createDirectories(mutex.getParent());
            try (FileChannel channel = FileChannel.open(mutex, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                if (!Files.exists(installed)
                        || Files.getLastModifiedTime(installed).compareTo(Files.getLastModifiedTime(lock)) < 0) {
                    run(Map.of(), "npm", "ci", "--no-audit", "--no-fund");
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A command that one of the project's packages brings, to be run in any folder. */
    public Path tool(String name) {
        return folder.resolve("node_modules").resolve(".bin").resolve(name);
    }

    /** Starts a command in the folder that goes on until it is closed; its standard input ends with this process. */
    public JavaProcess start(Map<String, String> environment, String... command) {
        return JavaProcess.start(List.of(command), environment, folder);
    }

    /** Runs a command in the folder and returns what it printed. Throws {@link AssertionError} with that if it fails. */
    public String run(Map<String, String> environment, String... command) {
        Path output = null;
        try {
            output = Files.createTempFile("node", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
            if (!ended) {
                List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
                all.add(process.toHandle());
                all.forEach(ProcessHandle::destroyForcibly);
            }
            String printed = Files.readString(output, StandardCharsets.UTF_8);
            if (!ended || process.exitValue() != 0) {
                throw new AssertionError("'%s' %s:%n%s".formatted(String.join(" ", command),
                        ended ? "failed with " + process.exitValue() : "took longer than %d minutes".formatted(MINUTES),
                        printed));
            }
            return printed;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        } finally {
            if (output != null) {
                output.toFile().delete();
            }
        }
    }
}
