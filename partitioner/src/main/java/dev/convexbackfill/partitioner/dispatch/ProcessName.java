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
package dev.convexbackfill.partitioner.dispatch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process calls itself in the repository: enough to tell on its own machine whether it is dead.
 *
 * @param startedAt milliseconds since 1970; tells it from a later process of the same id
 */
public record ProcessName(long pid, long startedAt, String host) {

    private static final Pattern FORM = Pattern.compile("(\\d+)-(\\d+)@(.*)");
    /** What the repository has room for. */
    private static final int MAX_LENGTH = 50;

    /** This process. */
    public static ProcessName current() {
        ProcessHandle own = ProcessHandle.current();
        return new ProcessName(own.pid(), startOf(own), hostName());
    }

    /** Reads the text form; empty if somebody else wrote it. */
    public static Optional<ProcessName> parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches()
                ? Optional.of(
                        new ProcessName(Long.parseLong(form.group(1)), Long.parseLong(form.group(2)), form.group(3)))
                : Optional.empty();
    }

    /** True only if it ran on this machine and runs no more: of other machines nothing is known. */
    public boolean isKnownDead() {
        ProcessName current = current();
        return host.equals(current.host.substring(0, Math.min(host.length(), current.host.length())))
                && ProcessHandle.of(pid).filter(process -> process.isAlive() && startOf(process) == startedAt)
                        .isEmpty();
    }

    private static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "unknown";
        }
    }

    /** As the repository stores it. */
    @Override
    public String toString() {
        String text = pid + "-" + startedAt + "@" + host;
        return text.substring(0, Math.min(text.length(), MAX_LENGTH));
    }

    /** For people. */
    public String describe() {
        return "process %d on %s".formatted(pid, host);
    }
}
