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
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.config.plan.PlanParser;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnsureCheckTest {

    private static final String THERE = DocumentId.of(10001, new byte[16]).toString();
    private static final String ELSEWHERE = DocumentId.of(10002, new byte[16]).toString();
    private static final String GONE = DocumentId.of(10001, new byte[]{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
            .toString();

    private static List<String> check(String ensure, String json) {
        EnsureCheck check = new EnsureCheck(PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: x
                table: t
                transform: [ { drop: [old] } ]
                ensure: [ { %s } ]
                """.formatted(ensure)).ensure(), document -> document.has("bad") ? "'bad' is not in it" : null,
                new EnsureCheck.References() {

                    @Override
                    public long tableNumber(String table) {
                        return 10001;
                    }

                    @Override
                    public Set<String> existing(Set<String> ids) {
                        Set<String> existing = new TreeSet<>(ids);
                        existing.retainAll(Set.of(THERE));
                        return existing;
                    }
                });
        String text = json.replace("THERE", THERE).replace("GONE", GONE).replace("ELSEWHERE", ELSEWHERE);
        return check.check(List.of(((ConvexObject) ConvexJson.decode(text)).with("_id", ConvexValue.of("d1")))).stream()
                .map(Mismatch::message).toList();
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "present: [a, b.c] | {\"a\":null,\"b\":{\"c\":1}} | []",
            "present: [a, b.c] | {\"b\":{}} | [ensure[0].present: 'a': it is missing, ensure[0].present: 'b.c': it is missing]",
            "absent: [a] | {\"a\":null} | [ensure[0].absent: 'a': it is there]",
            "absent: [a] | {} | []",
            "type: { a: int64 } | {\"a\":1} | [ensure[0].type: 'a': it holds number]",
            "type: { a: int64 } | {\"a\":{\"$integer\":\"AQAAAAAAAAA=\"}} | []",
            "type: { a: string, b: null } | {\"b\":null} | []",
            "type: { a: array } | {\"a\":{}} | [ensure[0].type: 'a': it holds object]",
            "condition: 'doc.a > 1.0' | {\"a\":2} | []",
            "condition: 'doc.a > 1.0' | {\"a\":1} | [ensure[0].condition: it is not true of the document]",
            "condition: 'doc.a > 1.0' | {} | [ensure[0].condition: it is not true of the document]",
            "schema: true | {\"bad\":1} | [ensure[0].schema: 'bad' is not in it]",
            "schema: true | {} | []",
            "refers: { field: a, table: t } | {\"a\":\"THERE\"} | []",
            "refers: { field: a, table: t } | {\"a\":[\"THERE\",\"GONE\"]} | [ensure[0].refers: 'a' refers to a document that does not exist]",
            "refers: { field: a, table: t } | {\"a\":\"ELSEWHERE\"} | [ensure[0].refers: 'a' holds no id of a document in 't']",
            "refers: { field: a, table: t } | {\"a\":\"x\"} | [ensure[0].refers: 'a' holds no id of a document in 't']",
            "refers: { field: a, table: t } | {\"a\":null} | []",
            "refers: { field: a, table: t } | {} | []",})
    void saysWhatIsNotAsThePlanEnsures(String ensure, String document, String found) {
        assertThat(check(ensure, document)).hasToString(found);
    }
}
