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
package dev.convexbackfill.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConvexClientBuilderTest {

    @Test
    void namesEverySettingThatIsWrong() {
        assertThatThrownBy(
                () -> ConvexClient.builder(URI.create("ftp://x")).clientName("java").maxConnections(0).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'ftp://x' is not a deployment's URL")
                .hasMessageContaining("the client name 'java'")
                .hasMessageContaining("'maxConnections' is 0");
    }

    @Test
    void aKeyIsNeverShown() {
        assertThat(new DeployKey(" prod:x|hush \n").value()).isEqualTo("prod:x|hush");
        assertThat(new DeployKey("prod:x|hush")).hasToString("DeployKey[hidden]");
        assertThatThrownBy(() -> new DeployKey("a hush")).hasMessageNotContaining("hush");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a:", ":b", "a b:c", "a:b:c", "a:b c", "a:1"})
    void aPathNamesAModuleAndAFunction(String path) {
        assertThatThrownBy(() -> new FunctionPath(path)).hasMessageContaining("'" + path + "'");
    }

    @Test
    void aStopIsGivenOnceAndHeardByEverybody() {
        StopSignal stop = StopSignal.never();
        StringBuilder heard = new StringBuilder();
        stop.onGiven(() -> heard.append("a"));
        stop.onGiven(() -> heard.append("b")).close();
        stop.give("first");
        stop.give("second");
        stop.onGiven(() -> heard.append("c"));

        assertThat(heard).hasToString("ac");
        assertThat(stop.reason()).isEqualTo("first");
        assertThat(stop.await(java.time.Duration.ofDays(1))).isTrue();
    }
}
