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

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The figures are those of {@code digest.test.ts}, which holds them against the functions that are installed. */
class DocumentDigestTest {

    private static final ConvexObject DOCUMENT = (ConvexObject) ConvexJson.decode("""
            {"name":"Zoë 🎈","n":1,"i":{"$integer":"+/////////8="},"zero":{"$float":"AAAAAAAAAIA="},
             "nan":{"$float":"AAAAAAAA+H8="},"none":null,"yes":true,"bytes":{"$bytes":"AMg="},"list":[1,"1",[false]],
             "object":{"b":2,"a":"x"}}""");

    @Test
    void isWhatTheInstalledFunctionsCompute() {
        assertThat(DocumentDigest.ofContent(ConvexObject.EMPTY, null)).hasToString("d1caa68709040dbb");
        assertThat(DocumentDigest.ofContent(DOCUMENT, null)).hasToString("4f4ed89a46efe200");
        assertThat(DocumentDigest.ofContent(DOCUMENT, List.of("name", "zip", "n"))).hasToString("21588c5fc3d43465");
        assertThat(DocumentDigest.of("j57a4hc", DocumentDigest.ofContent(DOCUMENT, null)))
                .hasToString("b69321f13a467965");
    }

    @Test
    void doesNotDependOnWhatOnlyConvexWrites() {
        ConvexObject stored = DOCUMENT.with("_id", ConvexValue.of("x")).with("_creationTime", ConvexValue.number(1));

        assertThat(DocumentDigest.ofContent(stored, null)).isEqualTo(DocumentDigest.ofContent(DOCUMENT, null));
    }

    @Test
    void theIdCounts() {
        assertThat(DocumentDigest.of("a", DocumentDigest.NONE))
                .isNotEqualTo(DocumentDigest.of("b", DocumentDigest.NONE));
    }

    @Test
    void sumsDoNotDependOnTheOrder() {
        DocumentDigest a = DocumentDigest.of("a", DocumentDigest.NONE);
        DocumentDigest b = DocumentDigest.of("b", DocumentDigest.NONE);

        assertThat(a.plus(b)).isEqualTo(b.plus(a)).isNotEqualTo(a);
        assertThat(a.plus(DocumentDigest.NONE)).isEqualTo(a);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000000000000000", "ffffffff00000001", "d1caa68709040dbb"})
    void isWrittenAndRead(String text) {
        assertThat(DocumentDigest.parse(text)).hasToString(text);
        assertThat(DocumentDigest.ofBits(DocumentDigest.parse(text).bits())).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "d1caa687", "d1caa68709040dbx", "d1caa68709040dbb0"})
    void anyOtherTextIsNone(String text) {
        assertThatThrownBy(() -> DocumentDigest.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
