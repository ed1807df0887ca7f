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
package dev.convexbackfill.job.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.admin.SchemaDefinition;
import dev.convexbackfill.client.admin.TableDefinition;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.schema.Validator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SchemaReachTest {

    private static boolean mayHold(@Nullable ConvexObject type, boolean validated) {
        TableDefinition table = new TableDefinition("t", List.of(), type);
        return new SchemaReach(new SchemaDefinition(new TreeMap<>(Map.of("t", table)), validated)).mayHoldIds("t",
                "people");
    }

    private static boolean mayHold(Validator field) {
        return mayHold(Validator.object().optional("f", field).toJson(), true);
    }

    @Test
    void idsOfTheTableAndWhateverTakesAnyStringCanHoldThem() {
        assertThat(List.of(Validator.id("people"), Validator.STRING, Validator.ANY, Validator.literal("x"),
                Validator.array(Validator.id("people")), Validator.nullable(Validator.array(Validator.STRING)),
                Validator.object().field("inner", Validator.id("people")), Validator.record(Validator.NUMBER),
                Validator.record(Validator.id("people"), Validator.NUMBER),
                Validator.record(Validator.id("rooms"), Validator.id("people"))))
                .allMatch(SchemaReachTest::mayHold);
    }

    @Test
    void nothingElseCan() {
        assertThat(List.of(Validator.id("rooms"), Validator.NUMBER, Validator.INT64, Validator.BYTES,
                Validator.BOOLEAN, Validator.array(Validator.nullable(Validator.id("rooms"))),
                Validator.record(Validator.id("rooms"), Validator.NUMBER), Validator.literal(
                        ConvexValue.number(1))))
                .noneMatch(SchemaReachTest::mayHold);
    }

    @Test
    void whereTheSchemaDoesNotSayEveryTableCan() {
        ConvexObject number = Validator.object().field("f", Validator.NUMBER).toJson();
        assertThat(mayHold(number, true)).isFalse();
        assertThat(mayHold(number, false)).isTrue();
        assertThat(mayHold(null, true)).isTrue();
        assertThat(mayHold((ConvexObject) ConvexJson.decode("{\"type\":\"of a later version\"}"), true)).isTrue();
        assertThat(new SchemaReach(null).mayHoldIds("t", "people")).isTrue();
    }
}
