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
package dev.convexbackfill.readerswriters.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Fields are counted by what became of them, and only so many are told apart. */
class FieldChangesTest {

    private static final ConvexObject BEFORE = ConvexObject.of("a", ConvexValue.number(1), "b", ConvexValue.of("x"));

    @TempDir
    private Path folder;

    private static List<FieldChange> count(DocumentOutcome.Change... changes) {
        ConvexArray journaled = ConvexValue
                .array(List.of(changes).stream().map(DocumentOutcome.Change::toJournal).toList());
        return FieldTally.of(journaled, Set.of("skipped"));
    }

    @Test
    void eachDocumentCountsInOneOfTheNumbersOfAField() {
        assertThat(count(
                new DocumentOutcome.Patch("1", BEFORE, List.of("c"), false,
                        ConvexObject.of("a", ConvexValue.number(2), "c", ConvexValue.number(3)), List.of("b", "d"), 9),
                new DocumentOutcome.Patch("2", BEFORE, List.of(), false,
                        ConvexObject.of("a", ConvexValue.of("2"), "b", ConvexValue.of("x")), List.of(), 9),
                new DocumentOutcome.Patch("skipped", BEFORE, List.of(), false,
                        ConvexObject.of("a", ConvexValue.number(3)), List.of(), 9)))
                .containsExactly(new FieldChange("a", 0, 0, 1, 1), new FieldChange("b", 0, 1, 0, 0),
                        new FieldChange("c", 1, 0, 0, 0));
    }

    @Test
    void wholeDocumentsAndCopiesAreHeldAgainstWhatWasThere() {
        ConvexObject after = ConvexObject.of("b", ConvexValue.of("x"), "e", ConvexValue.number(1));
        assertThat(count(new DocumentOutcome.Replace("1", BEFORE, after, 9),
                new DocumentOutcome.Insert("2", BEFORE, "others", after, 9)))
                .containsExactly(new FieldChange("a", 0, 2, 0, 0), new FieldChange("e", 2, 0, 0, 0));
        assertThat(count(new DocumentOutcome.Delete("1", BEFORE, null, 9),
                new DocumentOutcome.Restore("2", "users", after, 9))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void theSumsOfManyChunksAreExactAndFieldsThatAreTooManyAreCountedTogether(TestDatabase.Kind kind) {
        try (TestRepository repository = TestRepository.create(kind, folder)) {
            FieldChangeStore store = new FieldChangeStore(JdbcClient.create(repository.dataSource()));
            List<FieldChange> many = new ArrayList<>(List.of(new FieldChange("'; drop table x; --", 1, 0, 0, 0)));
            IntStream.range(0, 300).forEach(n -> many.add(new FieldChange("field %03d".formatted(n), 0, 1, 2, 3)));
            store.add("r", 0, List.of(new FieldChange("field 299", 1, 1, 1, 1)));
            for (int chunk = 0; chunk < 3; chunk++) {
                store.add("r", 0, many);
            }
            store.add("r", 1, List.of(new FieldChange("field 299", 10, 0, 0, 0)));
            store.add("other", 0, List.of(new FieldChange("field 299", 100, 0, 0, 0)));
            store.add("r", 0, List.of());

            List<FieldChange> fields = store.list("r");

            assertThat(fields).hasSize(FieldChangeStore.MAX_FIELDS + 1)
                    .contains(new FieldChange("'; drop table x; --", 3, 0, 0, 0),
                            new FieldChange("field 000", 0, 3, 6, 9), new FieldChange("field 299", 11, 4, 7, 10));
            // one of 301 was there before, 199 had room
            assertThat(fields.getLast()).isEqualTo(new FieldChange(FieldChange.OTHERS, 0, 303, 606, 909));
        }
    }
}
