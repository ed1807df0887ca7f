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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.job.report.Report.Documents;
import dev.convexbackfill.job.report.Report.ExecutionFacts;
import dev.convexbackfill.job.report.Report.Family;
import dev.convexbackfill.job.report.Report.FieldFacts;
import dev.convexbackfill.job.report.Report.Kind;
import dev.convexbackfill.job.report.Report.Next;
import dev.convexbackfill.job.report.Report.PlanFacts;
import dev.convexbackfill.job.report.Report.QuarantineFacts;
import dev.convexbackfill.job.report.Report.QuarantineGroup;
import dev.convexbackfill.job.report.Report.Speed;
import dev.convexbackfill.job.report.Report.State;
import dev.convexbackfill.job.report.Report.Subject;
import dev.convexbackfill.job.report.Report.Verdict;
import dev.convexbackfill.readerswriters.journal.FieldChange;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.readerswriters.throttle.WaitReason;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Whatever names and messages hold, the report shows it and does nothing else with it. */
class HostileReportTest {

    private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");

    private static Report report(String text) {
        Subject run = new Subject(text, Kind.BACKFILL, text, State.STOPPED, text, text, text, text, text, 0.5, 4, 2,
                BEGIN, BEGIN, BEGIN.plusSeconds(60));
        List<Point> points = IntStream.range(0, 6).mapToObj(n -> new Point(n / 3 + 1, at(n), at(n).plusSeconds(5),
                5000, 100L * n, 100L * n, 0, 0, 0, n % 2, 10, 70, 30,
                List.of(new Point.Waited(WaitReason.RATE_LIMITED, 1, 500L * n)))).toList();
        return new Report(Report.VERSION, run, new PlanFacts(text, text, text, true, List.of(text), text),
                new Documents(1500, 1500, 0, 0, 3, 3, 1), new Speed(60_000, 30_000L, 25.0, 50.0),
                List.of(new ExecutionFacts(1, text, text, BEGIN, BEGIN, BEGIN, false, "STOPPED", text)), 3, points,
                new FieldFacts(true, List.of(new FieldChange(text, 1, 2, 3, 4)), 5),
                new QuarantineFacts(3, List.of(new QuarantineGroup(Reason.REJECTED, text, 3, text, List.of(text)))),
                null, new Family(2, true, Verdict.WRONG, text, List.of(), List.of(), List.of(),
                        List.of(new Next(text, text))));
    }

    private static Instant at(int n) {
        return BEGIN.plusSeconds(n < 3 ? n * 5 : 36_000 + n * 5);
    }

    /** The page is well-formed XML, too: so what a parser sees in it is what was written. */
    private static Document page(Report report) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder()
                .parse(new ByteArrayInputStream(HtmlReport.of(report).strip().getBytes(UTF_8)));
    }

    private static List<Element> elements(Document page, String name) {
        List<Element> elements = new ArrayList<>();
        NodeList found = page.getElementsByTagName(name);
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    @ParameterizedTest
    @ValueSource(strings = {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a|b|c", "`b` ``c``",
            "${title} <#list x as y>", "@someone see #1 [here](http://x.y)", "]]> --> <!-- &lt; &amp;amp;",
            "line\nbreak\r\n\n# title", "\u202eright\u0000to\u001bleft", "</pre></details><h1>", "\\|\\`*_~$", "~~~",
            "```\n```", "|", "|\\"})
    void namesAndMessagesAreShownAsTheyAreAndDoNothing(String text) throws Exception {
        Report hostile = report(text);
        Report harmless = report("harmless");

        Document page = page(hostile);
        Set<String> names = new TreeSet<>();
        elements(page, "*").forEach(element -> names.add(element.getTagName()));
        assertThat(names).doesNotContain("script", "img", "a", "iframe", "link", "object", "form");
        assertThat(elements(page, "*")).hasSameSizeAs(elements(page(harmless), "*"));
        if (!text.matches("(?s).*[\\p{Cntrl}\u202e].*")) {
            assertThat(elements(page, "code")).anyMatch(code -> code.getTextContent().equals(text));
            assertThat(elements(page, "pre").getFirst().getTextContent()).isEqualTo(text);
        }

        String markdown = MarkdownReport.of(hostile);
        assertThat(columns(markdown)).isEqualTo(columns(MarkdownReport.of(harmless)));
        String outsideOfThePlan = markdown.replaceAll("(?s)<details>.*?\n(`{3,})\n.*?\n\\1\n\n</details>", "");
        assertThat(outsideOfThePlan.lines().filter(line -> line.startsWith("#"))).hasSameSizeAs(
                MarkdownReport.of(harmless).lines().filter(line -> line.startsWith("#")).toList());
        assertThat(outsideOfThePlan).doesNotContain("<script", "<img", "<!--", "@someone", "](", "</pre>", "<h1>",
                "\u202e", "\u0000", "\u001b");

        assertThat(JsonReport.read(JsonReport.pretty(hostile))).isEqualTo(Optional.of(hostile));
    }

    /** How many cells each line of a table has. */
    private static List<Long> columns(String markdown) {
        return markdown.lines().filter(line -> line.startsWith("| "))
                .map(line -> line.chars().filter(character -> character == '|').count()).toList();
    }

    @Test
    void thePageStandsAloneAndItsChartsCanBeHeard() throws Exception {
        String html = HtmlReport.of(report("harmless"));
        assertThat(html).contains("default-src 'none'", "prefers-color-scheme: dark").doesNotContain("http:",
                "https:", "url(", "src=", "href=", "<script", "NaN", "Infinity");

        Document page = page(report("harmless"));
        List<Element> charts = elements(page, "svg").stream().filter(svg -> svg.hasAttribute("role")).toList();
        assertThat(charts).hasSize(4).allSatisfy(chart -> {
            assertThat(chart.getAttribute("role")).isEqualTo("img");
            for (String id : chart.getAttribute("aria-labelledby").split(" ", -1)) {
                assertThat(elements(page, "*")).filteredOn(element -> element.getAttribute("id").equals(id))
                        .singleElement().satisfies(element -> assertThat(element.getTextContent()).isNotBlank());
            }
            Element figure = (Element) chart.getParentNode();
            assertThat(figure.getElementsByTagName("table").getLength()).isEqualTo(1);
            assertThat(figure.getElementsByTagName("tr").getLength()).isGreaterThan(2);
        });
        assertThat(charts.getFirst().getElementsByTagName("desc").item(0).getTextContent()).isEqualTo(
                "From 2026-03-01 00:00:00 UTC to 2026-03-01 10:00:30 UTC; at most 100 documents/s."
                        + " Nothing executed the run in 1 times.");
        assertThat(charts.getFirst().getElementsByTagName("rect").item(0).getTextContent().strip())
                .isEqualTo("Nothing executed the run from 2026-03-01 00:00:15 UTC to 2026-03-01 10:00:15 UTC");
    }

    @Test
    void aReportWithoutAnythingIsStillOne() throws Exception {
        Report full = report("r");
        Report empty = new Report(Report.VERSION, full.run(), full.plan(), new Documents(0, 0, 0, 0, 0, 0, 0),
                new Speed(0, null, null, null), List.of(), 0, List.of(), new FieldFacts(false, List.of(), 0),
                new QuarantineFacts(0, List.of()), null, Family.NONE);

        assertThat(page(empty).getDocumentElement().getTextContent()).contains("Nothing is known of how it went",
                "Nothing was in quarantine when it ended");
        assertThat(MarkdownReport.of(empty)).contains("nobody can tell which fields it has changed");
        assertThat(JsonReport.read(JsonReport.of(empty))).isEqualTo(Optional.of(empty));
    }

    @Test
    void whatAnotherVersionHasKeptIsNotTakenForAReport() {
        assertThat(JsonReport.read("{\"version\":2}")).isEmpty();
        assertThat(JsonReport.read("{\"version\":1}")).isEmpty();
        assertThat(JsonReport.read("[")).isEmpty();
    }
}
