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
package dev.convexbackfill.javascript.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A script of ours that Node runs in a process of its own, behind {@code esbuild.mjs}. */
public final class NodeScript {

    private static final long MINUTES = 2;
    private static final String COMMON = "esbuild.mjs";

    private final Class<?> in;
    private final String name;

    /** The script is the resource {@code name} beside {@code in}, an ECMAScript module. */
    public NodeScript(Class<?> in, String name) {
        this.in = in;
        this.name = name;
    }

    /** Node is not installed, or the script has failed. */
    public static final class FailedException extends Exception {

        private final boolean isNodeMissing;

        private FailedException(String message, boolean isNodeMissing) {
            super(message);
            this.isNodeMissing = isNodeMissing;
        }

        public boolean isNodeMissing() {
            return isNodeMissing;
        }
    }

    /**
     * Runs it in {@code folder} and returns what it printed. Throws {@link FailedException} with what it said if it fails, and if it
     * takes longer than two minutes.
     */
    public byte[] run(Path folder, List<String> arguments) throws FailedException {
        List<String> command = new ArrayList<>(List.of("node", "--input-type=module", "-"));
        command.addAll(arguments);
        try {
            Path files = Files.createTempDirectory("node");
            Path script = files.resolve("script");
            Path output = files.resolve("output");
            Path errors = files.resolve("errors");
            try {
                write(script);
                run(new ProcessBuilder(command).directory(folder.toFile()).redirectInput(script.toFile())
                        .redirectOutput(output.toFile()).redirectError(errors.toFile()), errors);
                return Files.readAllBytes(output);
            } finally {
                for (Path file : List.of(script, output, errors, files)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void write(Path script) throws IOException {
        try (OutputStream out = Files.newOutputStream(script)) {
            copy(NodeScript.class, COMMON, out);
            copy(in, name, out);
        }
    }

    private static void run(ProcessBuilder builder, Path errors) throws IOException, FailedException {
        Process process;
        try {
            process = builder.start();
        } catch (IOException missing) {
            throw new FailedException("'node' was not found: install it from https://nodejs.org", true);
        }
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new FailedException("it has not ended within %d minutes".formatted(MINUTES), false);
            }
            if (process.exitValue() != 0) {
                throw new FailedException(Files.readString(errors).strip(), false);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new FailedException("it was interrupted", false);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static void copy(Class<?> in, String name, OutputStream to) throws IOException {
        try (InputStream script = in.getResourceAsStream(name)) {
            if (script == null) {
                throw new IllegalStateException("The script '%s' is missing".formatted(name));
            }
            script.transferTo(to);
        }
    }
}
