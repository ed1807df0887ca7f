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
package dev.convexbackfill.job.report;

import dev.convexbackfill.job.rehearsal.report.Printable;
import java.util.List;

/**
 * Writes Markdown in which nothing that comes from elsewhere does anything: no link, no mention, no mark-up, no end of a cell.
 */
final class Markdown {

    private final StringBuilder out = new StringBuilder();

    /**
     * Text as it is, in a typewriter font. What Markdown or HTML could take for theirs is written as a number, which they show
     * and do not read.
     */
    static String code(String text) {
        String line = Printable.text(text.replaceAll("\\s+", " "));
        if (line.isEmpty()) {
            return "";
        }
        StringBuilder code = new StringBuilder();
        line.codePoints().forEach(character -> {
            if (Character.isLetterOrDigit(character) || character > 0x7e || " .,".indexOf(character) >= 0) {
                code.appendCodePoint(character);
            } else {
                code.append("&#").append(character).append(';');
            }
        });
        return line.matches("[\\w.,:;/()'=+ -]+") ? "`" + line.strip() + "`" : "<code>" + code + "</code>";
    }

    Markdown title(int level, String text) {
        return blank().line("#".repeat(level) + " " + text).blank();
    }

    Markdown paragraph(String text) {
        return blank().line(text).blank();
    }

    /** A list item. */
    Markdown item(String text) {
        return line("* " + text);
    }

    /** {@code cells} are Markdown. */
    Markdown table(List<String> columns, List<List<String>> rows) {
        blank().row(columns).row(columns.stream().map(_ -> "---").toList());
        rows.forEach(this::row);
        return blank();
    }

    private Markdown row(List<String> cells) {
        return line("| " + String.join(" | ", cells) + " |");
    }

    /** Several lines as they are, folded away. */
    Markdown folded(String summary, String text) {
        String longest = "``";
        String all = String.join("\n", text.lines().map(Printable::text).toList());
        while (all.contains(longest)) {
            longest += "`";
        }
        String fence = longest + "`";
        return blank().line("<details><summary>" + summary + "</summary>").blank().line(fence).line(all).line(fence)
                .blank().line("</details>").blank();
    }

    private Markdown line(String text) {
        out.append(text).append('\n');
        return this;
    }

    private Markdown blank() {
        if (!out.isEmpty() && !out.toString().endsWith("\n\n")) {
            out.append('\n');
        }
        return this;
    }

    @Override
    public String toString() {
        return out.toString().stripTrailing() + "\n";
    }
}
