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
package dev.convexbackfill.job.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.readerswriters.verification.MismatchKind;
import dev.convexbackfill.readerswriters.verification.VerificationStore.Row;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** What somebody does to documents, journal, ledger and ranges behind a run's back is found and named, and nothing else. */
class VerificationRunTest {

    /** How often a verification is repeated while an app writes. */
    private static final int BESIDE_APP = Integer.getInteger("verification.beside", 3);
    private static final int DOCUMENTS = 120;
    private static final int RANGES = 4;
    private static final Plan SPLIT = VerifiedTable.plan("""
            transform:
              - split: { from: name, into: [first, last], at: ' ' }
              - default: { field: zero, value: 0 }
              - default: { field: place, value: { city: Paris, country: FR } }
            ensure:
              - present: [first, last]
              - type: { zero: number }
              - unique: last
            """);
    private static final Plan INCREMENT = VerifiedTable.plan("""
            transform:
              - increment: { field: n }
            """);
    private static final Plan COPY = VerifiedTable.plan("""
            transform:
              - split: { from: name, into: [first, last], at: ' ' }
            write: { insertInto: people }
            ensure:
              - present: [last]
            """);

    @TempDir
    private Path folder;

    private VerifiedTable table(TestDatabase.Kind kind, Plan plan) {
        VerifiedTable table = new VerifiedTable(kind, folder);
        if (plan.equals(COPY)) {
            table.deployment.load("people", Stream.of(ConvexObject.of("n", ConvexValue.number(-1))));
        }
        table.load("users", DOCUMENTS);
        table.run(plan, RANGES);
        return table;
    }

    private static List<String> words(List<Row> rows) {
        return rows.stream().map(Row::mismatch).map(mismatch -> "%s %s %s %s".formatted(mismatch.kind(),
                mismatch.field(), mismatch.expected(), mismatch.found())).sorted().toList();
    }

    @ParameterizedTest
    @EnumSource
    void whatSomebodyDoesToDocumentsIsFoundAndNamed(TestDatabase.Kind kind) {
        try (VerifiedTable table = table(kind, SPLIT)) {
            assertThat(table.verify(SPLIT, RANGES)).isEmpty();
            List<String> ids = table.ids("users");

            table.patch(ids.get(0), "first", ConvexValue.of("X\0"));
            table.patch(ids.get(1), "zero", ConvexValue.number(-0.0));
            table.patch(ids.get(2), "zero", ConvexValue.int64(0));
            table.patch(ids.get(3), "place", ConvexObject.of("country", ConvexValue.of("FR"), "city",
                    ConvexValue.of("Paris")));
            table.patch(ids.get(4), "likes", ConvexValue.number(1));
            table.patch(ids.get(5), "name", ConvexValue.of("Grace H"));
            table.patch(ids.get(6), "last", ConvexValue.of("L7"));
            table.patch(ids.get(8), "last", null);
            table.write(transaction -> transaction.delete(ids.get(9)));
            for (String field : List.of("first", "last", "zero", "place")) {
                table.patch(ids.get(10), field, null);
            }
            table.plant("users", ConvexObject.of("n", ConvexValue.number(1000), "name", ConvexValue.of("Old One")));
            Map<MismatchKind, Long> found = table.verify(SPLIT, RANGES);

            assertThat(words(table.rows())).containsExactly(
                    "CHANGED_SINCE first \"Ada\" \"X\uFFFD\"",
                    "CHANGED_SINCE last \"L6\" \"L7\"",
                    "CHANGED_SINCE last \"L8\" missing",
                    "CHANGED_SINCE zero 0.0 -0.0",
                    "CHANGED_SINCE zero 0.0 0n",
                    "COUNT_DIFFERS null 0 1",
                    "DELETED_SINCE null null null",
                    "ENSURE_FAILED first a value missing",
                    "ENSURE_FAILED first a value missing",
                    "ENSURE_FAILED last a value missing",
                    "ENSURE_FAILED last a value missing",
                    "ENSURE_FAILED last a value missing",
                    "ENSURE_FAILED last no other document with the same \"L7\"",
                    "ENSURE_FAILED zero number 0n",
                    "NOT_MIGRATED first \"Ada\" missing",
                    "NOT_MIGRATED first \"Old\" missing");
            assertThat(found.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(table.rows().size());
            assertThat(table.rows()).filteredOn(row -> row.mismatch().kind() == MismatchKind.CHANGED_SINCE)
                    .allSatisfy(row -> assertThat(Duration.between(row.first(), row.again()))
                            .isGreaterThanOrEqualTo(Verification.PAUSE));
        }
    }

    @Test
    void documentsThatEveryRunOfThePlanChangesAreNeitherDoneTwiceNorLeftOut() {
        try (VerifiedTable table = table(TestDatabase.Kind.H2, INCREMENT)) {
            List<String> ids = table.ids("users");
            table.deployment.load("users", Stream.of(ConvexObject.of("n", ConvexValue.number(0))));
            assertThat(table.verify(INCREMENT, RANGES)).describedAs("the app has made one").isEmpty();

            table.patch(ids.get(3), "n", ConvexValue.number(5));
            table.plant("users", ConvexObject.of("n", ConvexValue.number(1000)));
            table.verify(INCREMENT, RANGES);

            assertThat(words(table.rows())).containsExactly("COUNT_DIFFERS null 0 1", "MIGRATED_TWICE n 4.0 5.0",
                    "NOT_MIGRATED n 1001.0 1000.0");
        }
    }

    @Test
    void whatSomebodyDoesToTheRunsOwnRecordsIsFoundAndNamed() {
        try (VerifiedTable table = table(TestDatabase.Kind.H2, INCREMENT)) {
            assertThat(table.sql("""
                    delete from backfill_journal where run_name = 'names' and range_number = 1
                      and sequence = (select max(sequence) from backfill_journal
                        where run_name = 'names' and range_number = 1)""")).isEqualTo(1);
            table.verify(INCREMENT, RANGES);
            assertThat(table.rows().getFirst().mismatch().kind()).isEqualTo(MismatchKind.JOURNAL_DIFFERS);
            assertThat(table.rows().stream().skip(1)).isNotEmpty()
                    .allMatch(row -> row.mismatch().kind() == MismatchKind.NOT_PROVEN);

            String ledger = table.repository.stores().ranges().get(VerifiedTable.RUN, 0).ledger();
            table.patch(String.valueOf(ledger), "unchanged", ConvexValue.number(1));
            table.verify(INCREMENT, RANGES);
            assertThat(table.rows()).filteredOn(row -> row.mismatch().kind() == MismatchKind.LEDGER_DIFFERS)
                    .singleElement().satisfies(row -> assertThat(row.mismatch().message())
                            .isEqualTo("Range 0 of run 'names': the ledger says something else than the repository"));
        }
    }

    @Test
    void aRangeOrATableThatIsMissingIsFoundAndNamed() {
        try (VerifiedTable table = table(TestDatabase.Kind.H2, SPLIT)) {
            table.sql("delete from backfill_range where run_name = 'names' and range_number = 2");
            table.verify(SPLIT, RANGES);
            assertThat(table.rows()).singleElement().satisfies(row -> {
                assertThat(row.mismatch().kind()).isEqualTo(MismatchKind.MISSING_RANGE);
                assertThat(row.mismatch().message()).startsWith("Range 3 of run 'names' does not begin where");
            });

            table.write(transaction -> transaction.deleteTable("users"));
            Map<MismatchKind, Long> found = table.verify(SPLIT, RANGES);
            assertThat(found).containsEntry(MismatchKind.TABLE_MISSING, 1L)
                    .containsEntry(MismatchKind.DELETED_SINCE, (long) DOCUMENTS);
        }
    }

    @Test
    void whereAllIsWrongAllIsCountedAndLittleIsKept() {
        try (VerifiedTable table = new VerifiedTable(TestDatabase.Kind.H2, folder)) {
            table.load("users", 700);
            table.run(SPLIT, 1);
            table.write(transaction -> table.ids("users").forEach(id -> {
                Map<String, ConvexValue> fields = new HashMap<>();
                fields.put("last", ConvexValue.of("same"));
                fields.put("zero", ConvexValue.of("none"));
                transaction.patch(id, fields);
            }));

            Map<MismatchKind, Long> found = table.verify(SPLIT, 1);

            assertThat(found).containsOnly(Map.entry(MismatchKind.CHANGED_SINCE, 1400L),
                    Map.entry(MismatchKind.ENSURE_FAILED, 701L));
            assertThat(table.rows()).hasSize(201);
            assertThat(table.rows()).filteredOn(row -> row.range() == -2).singleElement()
                    .satisfies(row -> assertThat(row.mismatch().message()).startsWith(
                            "unique: 700 documents hold the same in 'last': "));
        }
    }

    @Test
    void whatIsWrongIsFoundInEachPieceOfALongRange() {
        try (VerifiedTable table = new VerifiedTable(TestDatabase.Kind.H2, folder)) {
            table.load("users", 3500);
            table.run(SPLIT, 1);
            List<ConvexObject> documents = table.documents("users").stream()
                    .sorted(Comparator.comparing(document -> document.string("_id"))).toList();
            List<String> ids = documents.stream().map(document -> document.string("_id")).toList();
            List.of(0, 900, 1800, 2700, 3499)
                    .forEach(at -> table.patch(ids.get(at), "first", ConvexValue.of("at " + at)));
            // what it must not share is in a part where nothing else is wrong
            table.patch(ids.get(450), "last", documents.get(2300).require("last"));

            assertThat(table.verify(SPLIT, 1)).containsOnly(Map.entry(MismatchKind.CHANGED_SINCE, 6L),
                    Map.entry(MismatchKind.ENSURE_FAILED, 1L));
            assertThat(words(table.rows())).filteredOn(word -> word.matches("CHANGED_SINCE first \".+\" \"at \\d+\""))
                    .hasSize(5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void copiesAndTheirSourcesAreLaidSideBySideBothWays(TestDatabase.Kind kind) {
        try (VerifiedTable table = table(kind, COPY)) {
            assertThat(table.verify(COPY, RANGES)).isEmpty();
            List<ConvexObject> copies = table.documents("people").stream().filter(copy -> copy.number("n") >= 0)
                    .toList();
            List<String> ids = copies.stream().map(copy -> copy.string("_id")).toList();

            ConvexObject made = ConvexObject.of("n", ConvexValue.number(5000), "name", ConvexValue.of("New One"));
            table.write(transaction -> {
                transaction.replace(ids.get(1), fields(copies.get(2)));
                transaction.replace(ids.get(2), fields(copies.get(1)));
                transaction.delete(ids.get(3));
                transaction.patch(ids.get(4), Map.of("last", ConvexValue.of("X")));
                // one more of a copy, and one that the app has made itself, with a source of its own
                transaction.insert("people", fields(copies.get(5)));
                transaction.insert("users", made);
                transaction.insert("people", made.with("first", ConvexValue.of("New")).with("last",
                        ConvexValue.of("One")));
            });
            // the app goes on in both tables
            String source = table.ids("users").get(6);
            table.write(transaction -> {
                transaction.patch(source, Map.of("name", ConvexValue.of("Jane D")));
                transaction.patch(ids.get(6), Map.of("name", ConvexValue.of("Jane D"), "first",
                        ConvexValue.of("Jane"), "last", ConvexValue.of("D")));
            });
            table.verify(COPY, RANGES);

            assertThat(words(table.rows())).containsExactly(
                    "CHANGED_SINCE last \"L4\" \"X\"",
                    "COPY_MISSING null null null",
                    "EXTRA_COPY null null null",
                    "SWAPPED_PAIR last \"L1\" \"L2\"",
                    "SWAPPED_PAIR last \"L2\" \"L1\"",
                    "UNKNOWN_COPY null null null");
        }
    }

    private static ConvexObject fields(ConvexObject document) {
        return document.without("_id").without("_creationTime");
    }

    @Test
    void deletedDocumentsAreGone() {
        Plan delete = VerifiedTable.plan("write: delete\nconfirm: delete\nwhere: { filter: 'doc.n < 50.0' }\n");
        try (VerifiedTable table = table(TestDatabase.Kind.H2, delete)) {
            table.deployment.load("users", Stream.of(ConvexObject.of("n", ConvexValue.number(0))));
            assertThat(table.verify(delete, RANGES)).isEmpty();

            table.plant("users", ConvexObject.of("n", ConvexValue.number(3)));
            table.verify(delete, RANGES);
            assertThat(words(table.rows())).containsExactly("COUNT_DIFFERS null 70 71",
                    "NOT_MIGRATED null null null");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aVerificationThatIsInterruptedAgainAndAgainFindsTheSame(TestDatabase.Kind kind) {
        Plan slow = VerifiedTable.plan(SPLIT.text().substring(SPLIT.text().indexOf("transform:"))
                + "throttle: { concurrency: 2 }\n");
        try (VerifiedTable table = new VerifiedTable(kind, folder)) {
            table.load("users", 450);
            table.run(slow, 12);
            List<String> ids = table.ids("users");
            for (int i = 0; i < 40; i++) {
                table.patch(ids.get(i * 11), i % 2 == 0 ? "first" : "last", i % 3 == 0 ? null : ConvexValue.of("X"));
            }
            Map<MismatchKind, Long> undisturbed = table.verify(slow, 12);
            List<String> all = withoutTimes(table.rows());

            String name = table.createVerification(null, slow, 12);
            int interruptions = 0;
            while (table.repository.runs().find(name).orElseThrow().state() != RunState.COMPLETED) {
                int done = done(table, name);
                table.repository.runs().prepareToResume(name, slow, null);
                table.execute(name, run -> run.state().isAtRest() || done(table, name) > done);
                interruptions++;
            }

            assertThat(interruptions).isGreaterThanOrEqualTo(5);
            assertThat(table.found(name)).isEqualTo(undisturbed);
            assertThat(withoutTimes(table.rows(name))).isEqualTo(all);
        }
    }

    private static int done(VerifiedTable table, String name) {
        return (int) table.repository.stores().ranges().list(name).stream().filter(row -> row.isDone()).count();
    }

    private static List<String> withoutTimes(List<Row> rows) {
        return rows.stream().map(row -> row.mismatch() + " " + row.range()).sorted().toList();
    }

    @Test
    void besideAWritingAppThereIsNoFalseAlarm() throws Exception {
        try (VerifiedTable table = table(TestDatabase.Kind.H2, SPLIT)) {
            List<String> ids = table.ids("users");
            StopSignal done = StopSignal.never();
            Thread app = Thread.ofPlatform().start(() -> {
                Random random = new Random(1);
                int next = 10_000;
                while (!done.await(Duration.ofMillis(1))) {
                    String id = ids.get(random.nextInt(ids.size()));
                    int number = next++;
                    switch (random.nextInt(3)) {
                        case 0 -> table.write(transaction -> transaction.patch(id,
                                Map.of("likes", ConvexValue.number(number))));
                        case 1 -> table.write(transaction -> transaction.patch(id,
                                Map.of("name", ConvexValue.of("Ada M" + number))));
                        default -> table.write(transaction -> transaction.insert("users",
                                ConvexObject.copyOf(Map.of("n", ConvexValue.number(number), "name",
                                        ConvexValue.of("Eve N" + number), "first", ConvexValue.of("Eve"), "last",
                                        ConvexValue.of("N" + number), "zero", ConvexValue.number(1), "place",
                                        ConvexValue.of("there")))));
                    }
                }
            });
            try {
                for (int i = 0; i < BESIDE_APP; i++) {
                    assertThat(table.verify(SPLIT, RANGES)).isEmpty();
                }
            } finally {
                done.give("the verification has ended");
                app.join();
            }
        }
    }

    @Test
    void documentsInQuarantineAreNotExpectedToBeMigratedAndThoseOfAReplayAre() {
        try (VerifiedTable table = new VerifiedTable(TestDatabase.Kind.H2, folder)) {
            table.load("users", DOCUMENTS);
            List<String> ids = table.ids("users");
            ids.stream().limit(10).forEach(id -> table.patch(id, "n", ConvexValue.of("none")));
            table.run(INCREMENT, RANGES);
            assertThat(table.verify(INCREMENT, RANGES)).isEmpty();

            Plan corrected = VerifiedTable.plan("""
                    transform:
                      - set: { field: n, value: 0, when: "doc.n == 'none'" }
                      - increment: { field: n }
                    """);
            table.replay(corrected);
            assertThat(table.verify(INCREMENT, RANGES)).isEmpty();

            table.patch(ids.getFirst(), "n", ConvexValue.number(2));
            table.verify(INCREMENT, RANGES);
            assertThat(words(table.rows())).containsExactly("MIGRATED_TWICE n 1.0 2.0");
        }
    }

    @Test
    void aPlanThatWasChangedOnTheWayIsHeldAgainstNoJournal() {
        String slow = "throttle: { documentsPerSecond: 50, concurrency: 1 }\n";
        Plan first = VerifiedTable.plan("transform:\n  - set: { field: a, value: 1 }\n" + slow);
        Plan second = VerifiedTable.plan("transform:\n  - set: { field: a, value: 2 }\n");
        try (VerifiedTable table = new VerifiedTable(TestDatabase.Kind.H2, folder)) {
            table.load("users", DOCUMENTS);
            table.create(first, RANGES);
            table.execute(VerifiedTable.RUN, _ -> table.repository.stores().ranges().list(VerifiedTable.RUN).stream()
                    .mapToLong(row -> row.counts().changed()).sum() > 20);
            table.repository.runs().prepareToResume(VerifiedTable.RUN, second, null);
            assertThat(table.execute(VerifiedTable.RUN, run -> run.state().isAtRest()).state())
                    .isEqualTo(RunState.COMPLETED);

            assertThat(table.verify(second, RANGES)).isEmpty();
        }
    }

    @Test
    void ofARunThatIsNotCompleteNothingIsExpectedBehindItsPosition() {
        Plan slow = VerifiedTable.plan(INCREMENT.text().substring(INCREMENT.text().indexOf("transform:"))
                + "throttle: { documentsPerSecond: 50, concurrency: 1 }\n");
        try (VerifiedTable table = new VerifiedTable(TestDatabase.Kind.H2, folder)) {
            table.load("users", DOCUMENTS);
            table.create(slow, RANGES);
            Run stopped = table.execute(VerifiedTable.RUN, _ -> table.repository.stores().ranges()
                    .list(VerifiedTable.RUN).stream().mapToLong(row -> row.counts().changed()).sum() > 20);
            assertThat(stopped.state()).isEqualTo(RunState.STOPPED);

            assertThat(table.verify(INCREMENT, RANGES)).isEmpty();
        }
    }

    static final List<Plan> COMPARED = List.of(SPLIT, INCREMENT, COPY, VerifiedTable.plan("""
            where: { filter: 'doc.n < 50.0' }
            transform:
              - split: { from: name, into: [first, last], at: ' ' }
            """));

    @ParameterizedTest
    @FieldSource("COMPARED")
    void onlyDocumentsThatAreNotAsTheRunHasLeftThemAreSent(Plan plan) {
        try (VerifiedTable table = table(TestDatabase.Kind.H2, plan)) {
            List<String> ids = table.ids("users");
            Set<String> sent = table.watchDocumentsSent();
            assertThat(table.verify(plan, RANGES)).isEmpty();
            assertThat(sent).doesNotContainAnyElementsOf(ids);

            table.patch(ids.get(3), "name", ConvexValue.of("Bob B"));
            table.patch(ids.get(3), "n", ConvexValue.number(7));
            table.verify(plan, RANGES);
            assertThat(sent).contains(ids.get(3)).doesNotContain(ids.get(5));
        }
    }

    @Test
    void aSampleLooksAtSomeDocumentsOfEachRange() {
        try (VerifiedTable table = table(TestDatabase.Kind.H2, SPLIT)) {
            String name = table.createVerification(5, SPLIT, RANGES);
            assertThat(table.execute(name, run -> run.state().isAtRest()).state()).isEqualTo(RunState.COMPLETED);

            assertThat(table.found(name)).isEmpty();
            assertThat(table.repository.stores().ranges().list(name))
                    .allSatisfy(row -> assertThat(row.counts().read()).isEqualTo(5));
        }
    }
}
