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
package dev.convexbackfill.client.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentIdTest {

    @ParameterizedTest
    @CsvSource({
            "10001, 000102030405060708090a0b0c0d0e0f, j57000820c20a1g7104gm2rc1m70ynr8",
            "1,     00000000000000000000000000000000, 0400000000000000000000000000248",
            "540,   7c75fb4a61fb003ca5a2086f49134d1a, kg27rxfv99gzp01wmph0gvt92d6hnvy6",
    })
    void buildsAndReadsWhatConvexPrints(long table, String internal, String text) {
        DocumentId built = DocumentId.of(table, HexFormat.of().parseHex(internal));
        DocumentId parsed = DocumentId.parse(text);

        assertThat(built).hasToString(text).isEqualTo(parsed);
        assertThat(parsed.tableNumber()).isEqualTo(table);
        assertThat(parsed.internal()).isEqualTo(HexFormat.of().parseHex(internal));
    }

    @ParameterizedTest
    @CsvSource({"1,31", "127,31", "128,32", "16383,32", "16384,34", "2097152,36", "268435456,37", "4294967295,37"})
    void theLengthFollowsTheTableNumber(long table, int length) {
        byte[] internal = new byte[16];
        new Random(table).nextBytes(internal);
        DocumentId id = DocumentId.of(table, internal);

        assertThat(id.toString()).hasSize(length);
        assertThat(DocumentId.parse(id.toString())).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "j57", "j57000820c20a1g7104gm2rc1m70ynr9", "J57000820c20a1g7104gm2rc1m70ynr8",
            "j57000820c20a1g7104gm2rc1m70ynrl", "j57000820c20a1g7104gm2rc1m70ynr", "j57000820c20a1g7104gm2rc1m70ynr80",
            "0000000000000000000000000000000", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
            "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
            "é57000820c20a1g7104gm2rc1m70ynr8"})
    void refusesAnyOtherText(String text) {
        assertThat(DocumentId.isValid(text)).isFalse();
        assertThatThrownBy(() -> DocumentId.parse(text)).isInstanceOf(InvalidValueException.class)
                .hasMessageStartingWith("Unable to decode ID: ");
    }

    @Test
    void everyChangeOfOneCharacterIsNoticed() {
        String text = "j57000820c20a1g7104gm2rc1m70ynr8";
        for (int i = 0; i < text.length(); i++) {
            String changed = text.substring(0, i) + (text.charAt(i) == '5' ? '6' : '5') + text.substring(i + 1);
            assertThat(DocumentId.isValid(changed)).as(changed).isFalse();
        }
    }

    @Test
    void idsOfOneTableSortAsTheirStringsDo() {
        Random random = new Random(7);
        DocumentId previous = DocumentId.of(10001, new byte[16]);
        for (int i = 0; i < 1000; i++) {
            byte[] internal = new byte[16];
            random.nextBytes(internal);
            DocumentId next = DocumentId.of(10001, internal);
            assertThat(Integer.signum(next.compareTo(previous)))
                    .isEqualTo(Integer.signum(next.toString().compareTo(previous.toString())));
            previous = next;
        }
    }
}
