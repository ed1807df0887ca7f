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

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A program of the tests' class path in a process of its own, to be killed, stopped and continued. Closing it kills it.
 */
public final class JavaProcess implements AutoCloseable {

    private final Process process;
    private final List<String> output = new ArrayList<>();
    private final CountDownLatch outputEnded = new CountDownLatch(1);

    private JavaProcess(Process process) {
        this.process = process;
        Thread.ofVirtual().start(this::collect);
    }

    /** Starts {@code main} with the Java that runs the tests; what it prints to either stream is collected. */
    public static JavaProcess start(Class<?> main, List<String> jvmOptions, Map<String, String> environment,
            String... args) {
        return start(List.of(), main, jvmOptions, environment, args);
    }

    /**
     * As {@link #start}, at the head of a process group of its own, as a shell does with what is typed in a terminal. For
     * systems with {@code setsid}.
     */
    public static JavaProcess startGroup(Class<?> main, List<String> jvmOptions, Map<String, String> environment,
            String... args) {
        return start(List.of("setsid"), main, jvmOptions, environment, args);
    }

    private static JavaProcess start(List<String> starter, Class<?> main, List<String> jvmOptions,
            Map<String, String> environment, String... args) {
        List<String> command = new ArrayList<>(starter);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        return start(command, environment);
    }

    /** Starts any command. */
    public static JavaProcess start(List<String> command, Map<String, String> environment) {
        return start(command, environment, Path.of(""));
    }

    /** Starts any command in a folder. */
    public static JavaProcess start(List<String> command, Map<String, String> environment, Path folder) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .directory(folder.toAbsolutePath().toFile());
        builder.environment().putAll(environment);
        try {
            return new JavaProcess(builder.start());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void collect() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (output) {
                    output.add(line);
                    output.notifyAll();
                }
            }
        } catch (IOException _) {
            // the process was killed
        } finally {
            outputEnded.countDown();
            synchronized (output) {
                output.notifyAll();
            }
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Everything printed so far. */
    public List<String> output() {
        synchronized (output) {
            return List.copyOf(output);
        }
    }

    /** The first line that {@code wanted} accepts, once it is printed. Fails if the process ends or 120 s pass before. */
    public String awaitLine(Predicate<String> wanted) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        int seen = 0;
        synchronized (output) {
            while (true) {
                for (; seen < output.size(); seen++) {
                    if (wanted.test(output.get(seen))) {
                        return output.get(seen);
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || outputEnded.getCount() == 0) {
                    throw new AssertionError("The line never came; the process printed:\n" + String.join("\n", output));
                }
                try {
                    output.wait(left);
                } catch (InterruptedException interrupted) {
                    throw new IllegalStateException(interrupted);
                }
            }
        }
    }

    /** Waits for the end and returns the exit code. Fails with the output after {@code seconds}. */
    public int awaitExit(long seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new AssertionError("The process did not end within %d s; it printed:%n%s".formatted(seconds,
                        String.join("\n", output())));
            }
            outputEnded.await(10, TimeUnit.SECONDS);
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** {@code kill -9}, and waits until it is dead. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** Sends a signal: {@code TERM}, {@code INT}, {@code STOP}, {@code CONT}. */
    public void signal(String name) {
        if (signal(name, Long.toString(process.pid())) != 0) {
            throw new AssertionError("kill -%s %d failed".formatted(name, process.pid()));
        }
    }

    /** Sends a signal to all that is left of the process group that this process was started to head, if anything is. */
    public void signalGroup(String name) {
        signal(name, "-" + process.pid());
    }

    private static int signal(String name, String to) {
        try {
            return new ProcessBuilder("kill", "-" + name, "--", to).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
