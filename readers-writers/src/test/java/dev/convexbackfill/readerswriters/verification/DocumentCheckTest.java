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
package dev.convexbackfill.readerswriters.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentCheckTest {

    private static final double BEGAN = 1_000_000;
    private static final String ID = "id1";
    private static final String SPLIT = "- split: { from: name, into: [first, last], at: ' ' }";
    private static final String INCREMENT = "- increment: { field: n }";

    private record Facts(boolean isDue, boolean isJournalWhole, boolean isPlanKnown) implements RunFacts {

        static final Facts COMPLETE = new Facts(true, true, true);

        @Override
        public boolean isDue(String id) {
            return isDue;
        }

        @Override
        public double beganAt() {
            return BEGAN;
        }

        @Override
        public boolean isJournalWhole(String id) {
            return isJournalWhole;
        }
    }

    private static TransformChain chain(String steps, String write) {
        return TransformChain.of(PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: x
                table: t
                %s
                """.formatted(write) + (steps.isEmpty() ? "" : "transform:\n" + steps.indent(2))), spec -> {
            throw new IllegalArgumentException("There is no code for " + spec);
        });
    }

    /** A document from before the run. */
    private static ConvexObject old(String json) {
        return document(json, BEGAN - 100_000);
    }

    private static ConvexObject document(String json, double createdAt) {
        return ((ConvexObject) ConvexJson.decode(json)).with("_id", ConvexValue.of(ID)).with("_creationTime",
                ConvexValue.number(createdAt));
    }

    private static JournaledChange journaled(DocumentOutcome outcome) {
        DocumentOutcome.Change change = (DocumentOutcome.Change) outcome;
        ConvexObject value = change.toJournal();
        Set<String> absent = new HashSet<>();
        value.array("absent").forEach(name -> absent.add(((ConvexString) name).value()));
        Written written = switch (change) {
            case DocumentOutcome.Patch patch -> new Written.Fields(patch.set(), Set.copyOf(patch.unset()));
            case DocumentOutcome.Replace replace -> new Written.Whole(replace.document());
            case DocumentOutcome.Delete _ -> new Written.Deletion();
            case DocumentOutcome.Insert insert -> new Written.Copy(insert.table(), insert.document());
            default -> throw new AssertionError(change);
        };
        return new JournaledChange(change.id(), value.object("expect"), absent,
                value.has("exact") || !(written instanceof Written.Fields), written, value.get("creationTime"));
    }

    /** What is found, each as "KIND field expected found". */
    private static List<String> check(TransformChain chain, Facts facts, CheckedDocument document) {
        return new DocumentCheck(List.of(chain), facts).check(List.of(document)).stream()
                .map(mismatch -> mismatch.kind() + (mismatch.field() == null ? ""
                        : " %s %s %s".formatted(mismatch.field(), mismatch.expected(), mismatch.found())))
                .toList();
    }

    /** The run changed {@code before}; now the document is {@code now}. */
    private static List<String> changed(String steps, String write, String before, @Nullable String now) {
        TransformChain chain = chain(steps, write);
        return check(chain, Facts.COMPLETE, CheckedDocument.of(ID, now == null ? null : old(now),
                journaled(chain.transform(old(before)))));
    }

    @ParameterizedTest(name = "{0}: {1} now {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            // what the app writes to other fields is its own affair, also where the plan has read them
            "split: { from: name, into: [first, last], at: ' ' } | {\"name\":\"A B\"} | {\"name\":\"A B\",\"first\":\"A\",\"last\":\"B\"} | []",
            "split: { from: name, into: [first, last], at: ' ' } | {\"name\":\"A B\"} | {\"name\":\"C D\",\"x\":1,\"first\":\"A\",\"last\":\"B\"} | []",
            "set: { field: a, value: 1, when: '!has(doc.b)' } | {} | {\"a\":1,\"b\":2} | []",
            "rename: { from: a, to: b } | {\"a\":1} | {\"b\":1} | []",
            "rename: { from: a, to: b } | {\"a\":1} | {\"b\":1,\"a\":5} | [CHANGED_SINCE a missing 5.0]",
            "split: { from: name, into: [first, last], at: ' ' } | {\"name\":\"A B\"} | {\"name\":\"A B\",\"first\":\"X\",\"last\":\"B\"} | [CHANGED_SINCE first \"A\" \"X\"]",
            "split: { from: name, into: [first, last], at: ' ' } | {\"name\":\"A B\"} | {\"name\":\"A B\",\"first\":\"A\"} | [CHANGED_SINCE last \"B\" missing]",
            // twice is what the plan makes of what it has made
            "increment: { field: n } | {\"n\":1} | {\"n\":2} | []",
            "increment: { field: n } | {\"n\":1} | {\"n\":3} | [MIGRATED_TWICE n 2.0 3.0]",
            "increment: { field: n } | {\"n\":1} | {\"n\":7} | [CHANGED_SINCE n 2.0 7.0]",
            // put back
            "set: { field: a, value: 1 } | {\"a\":0} | {\"a\":0} | [NOT_MIGRATED a 1.0 0.0]",
            "increment: { field: n } | {\"n\":1} | {\"n\":1} | [CHANGED_SINCE n 2.0 1.0]",
            // as Convex compares
            "set: { field: a, value: 0.0 } | {} | {\"a\":{\"$float\":\"AAAAAAAAAIA=\"}} | [CHANGED_SINCE a 0.0 -0.0]",
            "set: { field: a, value: 1 } | {} | {\"a\":{\"$integer\":\"AQAAAAAAAAA=\"}} | [CHANGED_SINCE a 1.0 1n]",
            "set: { field: a, value: { x: 1, y: 2 } } | {} | {\"a\":{\"y\":2,\"x\":1}} | []",
            "set: { field: a, value: .nan } | {} | {\"a\":{\"$float\":\"AAAAAAAA+H8=\"}} | []",})
    void saysWhatHasBecomeOfAPatch(String step, String before, String now, String found) {
        assertThat(changed("- " + step, "", before, now)).hasToString(found);
    }

    @Test
    void aChangedDocumentThatIsGoneIsListed() {
        assertThat(changed(SPLIT, "", "{\"name\":\"A B\"}", null)).containsExactly("DELETED_SINCE");
    }

    @Test
    void somethingElseThanThePlanGivesIsFoundInTheJournal() {
        JournaledChange other = journaled(chain(SPLIT, "").transform(old("{\"name\":\"A B\"}")));
        CheckedDocument document = CheckedDocument.of(ID, old("{\"name\":\"A B\",\"first\":\"A\",\"last\":\"B\"}"),
                other);
        TransformChain chain = chain("- split: { from: name, into: [last, first], at: ' ' }", "");

        assertThat(check(chain, Facts.COMPLETE, document)).containsExactly("RECOMPUTED_DIFFERS first \"B\" \"A\"");
        assertThat(check(chain, new Facts(true, true, false), document)).describedAs("the plan was changed meanwhile")
                .isEmpty();
    }

    @Test
    void whatAReplaysPlanGivesIsRight() {
        TransformChain plan = chain(INCREMENT, "");
        TransformChain corrected = chain("- set: { field: n, value: 5 }", "");
        ConvexObject before = old("{\"n\":\"none\"}");

        assertThat(new DocumentCheck(List.of(plan, corrected), Facts.COMPLETE).check(List.of(
                CheckedDocument.of(ID, old("{\"n\":5}"), journaled(corrected.transform(before)))))).isEmpty();
    }

    @Test
    void aReplacedDocumentHasNoOtherFields() {
        assertThat(changed(SPLIT, "write: replace", "{\"name\":\"A B\"}",
                "{\"name\":\"A B\",\"first\":\"A\",\"last\":\"B\",\"x\":1}"))
                .containsExactly("CHANGED_SINCE x missing 1.0");
        assertThat(changed(SPLIT, "write: replace", "{\"name\":\"A B\"}",
                "{\"name\":\"A B\",\"first\":\"A\",\"last\":\"B\"}")).isEmpty();
    }

    @Test
    void aDeletedDocumentIsGone() {
        assertThat(changed("", "write: delete\nconfirm: delete", "{}", null)).isEmpty();
        assertThat(changed("", "write: delete\nconfirm: delete", "{}", "{}")).containsExactly("NOT_DELETED");
    }

    /** A document that the run has not changed. */
    private static List<String> left(String steps, String write, Facts facts, ConvexObject now) {
        return check(chain(steps, write), facts, CheckedDocument.of(ID, now, null));
    }

    @Test
    void whatThePlanWouldStillChangeIsNotMigrated() {
        Facts facts = Facts.COMPLETE;

        assertThat(left(SPLIT, "", facts, old("{\"name\":\"A B\"}")))
                .containsExactly("NOT_MIGRATED first \"A\" missing");
        assertThat(left(SPLIT, "", facts, document("{\"name\":\"A B\"}", BEGAN + 5))).hasSize(1);
        assertThat(left(SPLIT, "", facts, old("{\"name\":\"A B\",\"first\":\"A\",\"last\":\"B\"}"))).isEmpty();
        assertThat(left(SPLIT, "", facts, old("{\"name\":\"Cher\"}"))).containsExactly("NOT_MIGRATED");
        assertThat(left(SPLIT, "", new Facts(false, true, true), old("{\"name\":\"A B\"}")))
                .describedAs("the run has not come to it").isEmpty();
        assertThat(check(chain(SPLIT, ""), facts,
                new CheckedDocument(ID, old("{\"name\":\"Cher\"}"), null, null, null, true)))
                .describedAs("it is in quarantine").isEmpty();
    }

    @Test
    void aPlanThatChangesEveryDocumentIsOnlyForThoseThatWereThere() {
        assertThat(left(INCREMENT, "", Facts.COMPLETE, old("{\"n\":1}")))
                .containsExactly("NOT_MIGRATED n 2.0 1.0");
        assertThat(left(INCREMENT, "", Facts.COMPLETE, document("{\"n\":1}", BEGAN + 5))).isEmpty();
        assertThat(left(INCREMENT, "", Facts.COMPLETE, document("{\"n\":1}", BEGAN - 100)))
                .describedAs("the write that made it may have been under way").isEmpty();
        assertThat(left(INCREMENT, "", new Facts(true, false, true), old("{\"n\":1}")))
                .containsExactly("NOT_PROVEN n 2.0 1.0");
        assertThat(left("", "write: delete\nconfirm: delete", Facts.COMPLETE, old("{}")))
                .containsExactly("NOT_MIGRATED");
        assertThat(left("", "write: delete\nconfirm: delete", Facts.COMPLETE, document("{}", BEGAN + 5))).isEmpty();
    }

    /** The run copied {@code {"n":1}}. */
    private static List<String> copied(@Nullable ConvexObject source, @Nullable ConvexObject copy) {
        TransformChain chain = chain("- increment: { field: n }", "write: { insertInto: t2 }");
        return check(chain, Facts.COMPLETE, new CheckedDocument(ID, source,
                journaled(chain.transform(old("{\"n\":1}"))), "copy1", copy, false));
    }

    @Test
    void sourceAndCopyAreLaidSideBySide() {
        ConvexObject source = old("{\"n\":1}");

        assertThat(copied(source, document("{\"n\":2}", 1))).isEmpty();
        assertThat(copied(source, null)).containsExactly("COPY_MISSING");
        assertThat(copied(null, null)).describedAs("the app has deleted both").containsExactly("DELETED_SINCE");
        assertThat(copied(null, document("{\"n\":2}", 1))).isEmpty();
        assertThat(copied(source, document("{\"n\":5}", 1))).containsExactly("CHANGED_SINCE n 2.0 5.0");
        assertThat(copied(old("{\"n\":8}"), document("{\"n\":9}", 1)))
                .describedAs("the app has written to both").isEmpty();
    }
}
