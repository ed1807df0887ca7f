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

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * This program once more, with the same Java, options and class path, in a process that goes on when this one and its terminal
 * are gone. Thread-safe.
 */
final class BackgroundProcess {

    /** What Java adds to its options by itself; they are among those of this process already. */
    private static final List<String> VARIABLES_WITH_OPTIONS = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS",
            "_JAVA_OPTIONS");
    /**
     * The first that there is starts the process. setsid gives it a session of its own, which no terminal belongs to: neither
     * Ctrl-C nor the end of the terminal (SIGHUP) reach it. nohup, for systems without setsid such as macOS, has it ignore
     * SIGHUP; it stays in this process's group, so Ctrl-C reaches it until this process has ended. Both become the process
     * that they start, so its id is known. With neither, a shell may end it together with the terminal.
     */
    private static final List<String> DETACHERS = List.of("setsid", "nohup");

    private final Process process;
    private final Path output;
    private final long begin;

    private BackgroundProcess(Process process, Path output, long begin) {
        this.process = process;
        this.output = output;
        this.begin = begin;
    }

    /**
     * Starts it. What it prints is added to the file {@code output}; it has no input.
     *
     * @param environment what is different from the environment of this process
     */
    static BackgroundProcess start(List<String> args, Map<String, String> environment, Path output)
            throws IOException {
        List<String> command = new ArrayList<>(detacher());
        command.addAll(java());
        command.addAll(args);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().keySet().removeAll(VARIABLES_WITH_OPTIONS);
        builder.environment().putAll(environment);
        long begin = Files.exists(output) ? Files.size(output) : 0;
        Process process = builder.start();
        process.getOutputStream().close();
        return new BackgroundProcess(process, output, begin);
    }

    private static List<String> detacher() {
        String path = System.getenv("PATH");
        List<String> folders = path == null ? List.of() : Arrays.asList(path.split(File.pathSeparator, -1));
        return DETACHERS.stream()
                .flatMap(name -> folders.stream().filter(folder -> !folder.isEmpty()).map(Path::of)
                        .map(folder -> folder.resolve(name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .limit(1)
                .toList();
    }

    private static List<String> java() {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command()
                .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        String classPath = System.getProperty("java.class.path");
        // a jar alone was started by -jar, which also heeds what its manifest says of native access
        command.addAll(classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)
                ? List.of("-jar", classPath)
                : List.of("-cp", classPath, Backfill.class.getName()));
        return command;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Only of a process that has ended. */
    int exitCode() {
        return process.exitValue();
    }

    Path output() {
        return output;
    }

    /** What it has printed so far. */
    String words() {
        try {
            byte[] all = Files.readAllBytes(output);
            int from = (int) Math.min(begin, all.length);
            return new String(all, from, all.length - from, StandardCharsets.UTF_8).strip();
        } catch (IOException unreadable) {
            return "('%s' can't be read: %s)".formatted(output, unreadable.getMessage());
        }
    }
}
