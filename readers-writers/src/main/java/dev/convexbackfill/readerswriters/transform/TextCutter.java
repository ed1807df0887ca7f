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
package dev.convexbackfill.readerswriters.transform;

import dev.convexbackfill.config.plan.Separator;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts texts at a separator. Thread-safe. */
interface TextCutter {

    /** What Unicode calls white space, with the no-break spaces that Java does not. */
    Pattern WHITE_SPACE = Pattern.compile("[\\s\\p{Z}]+", Pattern.UNICODE_CHARACTER_CLASS);

    /** A part of a text, from its first character to before its end. */
    record Part(int start, int end) {

        String of(String text) {
            return text.substring(start, end);
        }
    }

    /** The parts of {@code text}, in order. */
    List<Part> cut(String text);

    static TextCutter of(Separator separator) {
        return switch (separator) {
            case Separator.WhiteSpace _ -> TextCutter::words;
            case Separator.Text(String at) -> text -> between(text, at);
            case Separator.Pattern(String regex) -> {
                com.google.re2j.Pattern pattern = com.google.re2j.Pattern.compile(regex);
                yield text -> between(text, pattern);
            }
        };
    }

    private static List<Part> words(String text) {
        List<Part> parts = new ArrayList<>();
        int start = 0;
        for (Matcher gap = WHITE_SPACE.matcher(text); gap.find();) {
            if (gap.start() > start) {
                parts.add(new Part(start, gap.start()));
            }
            start = gap.end();
        }
        if (start < text.length()) {
            parts.add(new Part(start, text.length()));
        }
        return parts;
    }

    private static List<Part> between(String text, String separator) {
        List<Part> parts = new ArrayList<>();
        int start = 0;
        for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, start)) {
            parts.add(new Part(start, at));
            start = at + separator.length();
        }
        parts.add(new Part(start, text.length()));
        return parts;
    }

    private static List<Part> between(String text, com.google.re2j.Pattern separator) {
        List<Part> parts = new ArrayList<>();
        int start = 0;
        for (com.google.re2j.Matcher match = separator.matcher(text); match.find();) {
            if (match.end() > match.start()) {
                parts.add(new Part(start, match.start()));
                start = match.end();
            }
        }
        parts.add(new Part(start, text.length()));
        return parts;
    }
}
