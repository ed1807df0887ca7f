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
package dev.convexbackfill.local.javascript;

import dev.convexbackfill.javascript.sandbox.SourceMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns the frames of bundled modules into those of the files that they were made of, where there are source maps. */
final class StackFrames {

    private static final Pattern FRAME = Pattern.compile("^\\s*at (?:(.*?) \\()?/convex/([^():]+):(\\d+):(\\d+)\\)?$");

    private final Map<String, String> modules;
    private final Map<String, SourceMap> maps = new ConcurrentHashMap<>();

    StackFrames(Map<String, String> modules) {
        this.modules = modules;
    }

    /** A line for each frame in a module, behind a line break; empty if there is none. */
    String trace(String stack) {
        StringBuilder trace = new StringBuilder();
        stack.lines().map(this::frame).filter(Objects::nonNull)
                .forEach(line -> trace.append("\n    at ").append(line));
        return trace.toString();
    }

    private @Nullable String frame(String line) {
        Matcher frame = FRAME.matcher(line);
        if (!frame.matches()) {
            return null;
        }
        String function = frame.group(1) == null ? "<anonymous>" : frame.group(1);
        String module = frame.group(2);
        int row = Integer.parseInt(frame.group(3));
        int column = Integer.parseInt(frame.group(4));
        SourceMap map = maps.computeIfAbsent(module, name -> SourceMap.parse(name, modules.get(name + ".map")));
        return "%s (%s)".formatted(function, map.original(row, column)
                .orElse("../convex/%s:%d:%d".formatted(module, row, column)));
    }
}
