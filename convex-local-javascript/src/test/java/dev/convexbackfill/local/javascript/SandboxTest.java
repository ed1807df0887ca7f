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
package dev.convexbackfill.local.javascript;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.app.EngineSettings;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions that mean harm, or are only wrong, end without harm to the deployment. */
class SandboxTest {

    private TestApp app;

    @BeforeEach
    void start() {
        start(EngineSettings.DEFAULT);
    }

    private void start(EngineSettings settings) {
        app = new TestApp(settings.withFunctionTime(Duration.ofSeconds(3)), "database", "behaviour", "hostile");
    }

    @AfterEach
    void stop() {
        app.close();
    }

    @Test
    void thereIsNoWayOut() {
        ConvexObject escapes = (ConvexObject) app.result("hostile:escapes", "{}");

        for (String name : escapes.names()) {
            assertThat(escapes.string(name)).describedAs(name)
                    .isEqualTo(name.endsWith("Type") ? "undefined" : "refused");
        }
    }

    @Test
    void noObjectOfTheHostIsInReach() {
        ConvexObject found = (ConvexObject) app.result("hostile:hostObjects", "{}");

        assertThat(found.array("found").values()).isEmpty();
        assertThat(found.bool("seen")).isTrue();
    }

    @Test
    void spoiledPrototypesStayInsideOfTheirContext() {
        assertThat(app.failure("hostile:spoils", "{}")).startsWith("Uncaught ");
        assertThat(app.call("database:insertAll", "{\"table\":\"items\",\"values\":[{\"n\":1}]}").string("status"))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"loops", "loopsInMicrotasks"})
    void whatTakesTooLongIsEnded(String name) {
        assertThat(app.failure("hostile:" + name, "{}"))
                .isEqualTo("Function execution timed out (maximum duration: 3s) (in 'hostile:%s')".formatted(name));
        assertIsWell();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hoards", "hoardsText"})
    void whatTakesTooMuchMemoryIsEnded(String name) {
        stop();
        start(EngineSettings.DEFAULT.withFunctionMemory(256L << 20));

        // which limit comes first depends on the machine
        assertThat(app.failure("hostile:" + name, "{}"))
                .matches("(?s)(JavaScript execution ran out of memory|Function execution timed out).*");
        assertIsWell();
    }

    @Test
    void hugeAllocationsAreRefused() {
        assertThat(app.json("hostile:asksForTooMuch", "{}"))
                .isEqualTo("[\"RangeError\",\"RangeError\",\"RangeError\"]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"recurses", "recursesIntoSyscalls", "parsesDeep"})
    void recursionIsEnded(String name) {
        assertThat(app.failure("hostile:" + name, "{}")).startsWith("Uncaught RangeError: ");
        assertIsWell();
    }

    private void assertIsWell() {
        assertThat(app.json("database:all", "{\"table\":\"items\"}")).isEqualTo("[]");
        assertThat(app.result("behaviour:countsCalls", "{}")).isEqualTo(ConvexValue.number(1));
    }
}
