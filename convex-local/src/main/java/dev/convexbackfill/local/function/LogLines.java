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
package dev.convexbackfill.local.function;

import java.util.ArrayList;
import java.util.List;

/** What a function has logged, as callers get to see it. Not thread-safe. */
public final class LogLines {

    /** Source: {@code MAX_LOG_LINES} of the Convex backend. */
    private static final int MAX_LINES = 256;

    /** Source: {@code MAX_LOG_LINE_LENGTH} of the Convex backend. */
    private static final int MAX_LINE_LENGTH = 32768;

    private final List<String> lines = new ArrayList<>();

    /** How loud. */
    public enum Level {
        DEBUG, LOG, INFO, WARN, ERROR
    }

    /** Adds a line; what comes after the {@value #MAX_LINES}th is dropped. */
    public void add(Level level, String text) {
        addLine("[%s] %s".formatted(level.name(), text));
    }

    void addLine(String line) {
        if (lines.size() < MAX_LINES) {
            lines.add(line.length() <= MAX_LINE_LENGTH ? line : line.substring(0, MAX_LINE_LENGTH));
        }
    }

    /** Adds a warning of the system's, which is never dropped. */
    void warn(String text) {
        lines.add("[%s] %s".formatted(Level.WARN.name(), text));
    }

    public List<String> lines() {
        return List.copyOf(lines);
    }
}
