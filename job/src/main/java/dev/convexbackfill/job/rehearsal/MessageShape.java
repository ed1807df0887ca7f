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
package dev.convexbackfill.job.rehearsal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes one of all messages that differ only in what documents hold: quoted text goes, unless the plan has it too, and so do
 * numbers.
 */
public final class MessageShape {

    private static final int MAX_LENGTH = 300;
    private static final Pattern VARIABLE = Pattern
            .compile("'([^']*)'|\"((?:[^\"\\\\]|\\\\.)*)\"|-?\\b\\d[\\d.eE+]*\\b");

    private final String plan;

    /** Takes the text of the plan that the messages are about. */
    public MessageShape(String plan) {
        this.plan = plan;
    }

    /** What a message has in common with others. */
    public String of(String message) {
        // what Convex says of a schema shows the whole document below its first line
        String line = message.lines().findFirst().orElse("");
        Matcher variables = VARIABLE.matcher(line);
        String shape = variables.replaceAll(found -> Matcher.quoteReplacement(general(found.group())));
        return shape.length() <= MAX_LENGTH ? shape : shape.substring(0, MAX_LENGTH) + "…";
    }

    private String general(String text) {
        char first = text.charAt(0);
        if (first != '\'' && first != '"') {
            return "N";
        }
        return plan.contains(text.substring(1, text.length() - 1)) ? text : first + "…" + first;
    }
}
