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
package dev.convexbackfill.config.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A plan of {@code broken-plans.txt}, which has a title line, the plan, and what the parser says, one problem a line:
 *
 * <pre>
 * ##### title, with [parser only] if a JSON Schema can't say it
 * the plan
 * ----- says
 * line: key: problem
 * </pre>
 *
 * @param problems as they are printed after the file's name
 */
record BrokenPlan(String title, String text, List<String> problems, boolean onlyParser) {

    private static final Pattern PLAN = Pattern.compile(
            "^##### (.+)\\n((?s:.*?))^----- says\\n((?s:.*?))(?=^##### |\\z)",
            Pattern.MULTILINE);

    static List<BrokenPlan> all() {
        try (InputStream in = requireNonNull(BrokenPlan.class.getResourceAsStream("broken-plans.txt"))) {
            Matcher plan = PLAN.matcher(new String(in.readAllBytes(), UTF_8));
            List<BrokenPlan> all = new ArrayList<>();
            while (plan.find()) {
                all.add(new BrokenPlan(plan.group(1), plan.group(2),
                        plan.group(3).lines().filter(line -> !line.isBlank()).toList(),
                        plan.group(1).contains("[parser only]")));
            }
            return all;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public String toString() {
        return title;
    }
}
