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
package dev.convexbackfill.config.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import org.junit.jupiter.api.Test;

class FieldPathTest {

    private final ConvexObject document = (ConvexObject) ConvexJson.decode("{\"a\":{\"b\":1,\"c\":null},\"s\":\"x\"}");

    @Test
    void findsWhatIsThereAndNothingElse() {
        assertThat(FieldPath.of("a.b").get(document)).isEqualTo(ConvexValue.number(1));
        assertThat(FieldPath.of("a.x").get(document)).isNull();
        assertThat(FieldPath.of("x.y.z").get(document)).isNull();
        assertThat(FieldPath.of("s.length").get(document)).isNull();
    }

    @Test
    void setsAndMakesObjectsOnTheWay() {
        assertThat(ConvexJson.encodeToString(FieldPath.of("a.d").set(document, ConvexValue.of(true))))
                .isEqualTo("{\"a\":{\"b\":1.0,\"c\":null,\"d\":true},\"s\":\"x\"}");
        assertThat(ConvexJson.encodeToString(FieldPath.of("n.m").set(document, ConvexValue.of("y"))))
                .isEqualTo("{\"a\":{\"b\":1.0,\"c\":null},\"n\":{\"m\":\"y\"},\"s\":\"x\"}");
    }

    @Test
    void doesNotOverwriteWhatIsInTheWay() {
        assertThatThrownBy(() -> FieldPath.of("s.t").set(document, ConvexValue.of("y")))
                .hasMessage("'s.t' can't be set: 's' holds string and no object");
    }

    @Test
    void removesOnlyTheField() {
        assertThat(ConvexJson.encodeToString(FieldPath.of("a.b").remove(document)))
                .isEqualTo("{\"a\":{\"c\":null},\"s\":\"x\"}");
        assertThat(FieldPath.of("s.t").remove(document)).isEqualTo(document);
        assertThat(FieldPath.of("x").remove(document)).isEqualTo(document);
    }
}
