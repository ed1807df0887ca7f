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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.app.AppModules;
import dev.convexbackfill.local.app.AppRefusedException;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.app.FunctionEngine;
import dev.convexbackfill.local.app.FunctionEngines;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How functions end, what they log, and what they find around them. */
class BehaviourTest {

    private static TestApp app;

    @BeforeAll
    static void start() {
        app = new TestApp(EngineSettings.DEFAULT, "database", "behaviour");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    @Test
    void errorsSayWhatAndWhere() {
        assertThat(app.failure("behaviour:throwsError", "{}")).startsWith("""
                Uncaught TypeError: it went wrong
                    at <anonymous> (../convex/behaviour.js:""");
        assertThat(app.failure("behaviour:throwsText", "{}")).isEqualTo("Uncaught 'only text'");
        ConvexObject answer = app.call("behaviour:throwsConvexError", "{}");
        assertThat(answer.require("errorData")).isEqualTo(ConvexObject.of("code", ConvexValue.of("no")));
        assertThat(answer.string("errorMessage")).contains("Uncaught ConvexError: {\"code\":\"no\"}");
    }

    @Test
    void promisesThatAreForgottenFail() {
        assertThat(app.failure("behaviour:neverSettles", "{}"))
                .isEqualTo("Uncaught Returned promise will never resolve");
        assertThat(app.failure("behaviour:rejectsUnheard", "{}")).startsWith("Uncaught RangeError: unheard");
        assertThat(app.json("behaviour:handlesLate", "{}")).isEqualTo("\"heard\"");
    }

    @Test
    void logLinesAreWrittenAsConvexWritesThem() {
        assertThat(app.logLines("behaviour:logs", "{}")).containsExactly("""
                [LOG] 'text' 1 {
                  a: [ 1, 'it\\'s' ],
                  b: {
                    c: null
                  }
                } undefined 5n""", """
                [WARN] [
                  {
                    n: 1
                  }
                ] [Error: bad] Map (1) {
                  'k' => 1
                }""", "[ERROR] 'line\\nbreak'");
    }

    @Test
    void timeStandsStillAndChanceIsAnotherEachTime() {
        ConvexObject first = (ConvexObject) app.result("behaviour:timeAndChance", "{}");
        ConvexObject second = (ConvexObject) app.result("behaviour:timeAndChance", "{}");

        assertThat(first.bool("still")).isTrue();
        assertThat(first.array("chance")).isNotEqualTo(second.array("chance"));
        assertThat(first.string("uuid")).matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
                .isNotEqualTo(second.string("uuid"));
    }

    @Test
    void timersAreForActions() {
        assertThat(app.json("behaviour:waits", "{}")).isEqualTo("{\"order\":[\"early\",\"late\"],\"passed\":true}");
        assertThat(app.failure("behaviour:waitsInVain", "{}"))
                .startsWith("Uncaught Error: Can't use setTimeout in queries and mutations.");
        assertThat(app.failure("behaviour:fetches", "{}")).contains("A local deployment has no network");
    }

    @Test
    void modulesKeepTheirVariables() {
        app.result("behaviour:countsCalls", "{}");

        assertThat(((dev.convexbackfill.client.value.ConvexFloat64) app.result("behaviour:countsCalls", "{}")).value())
                .isGreaterThanOrEqualTo(1);
    }

    @Test
    void argumentsAndResultsAreChecked() {
        assertThat(app.failure("database:typed", "{}")).startsWith("ArgumentValidationError: ")
                .contains("missing the required field `n`");
        assertThat(app.failure("database:typed", "{\"n\":1}")).startsWith("ReturnsValidationError: ");
        String spec = app.post("/api/query",
                "{\"path\":\"_system/cli/modules:apiSpec\",\"format\":\"convex_encoded_json\",\"args\":{}}").toString();
        assertThat(spec).contains("behaviour.js:default");
    }

    @Test
    void aModuleWithoutANameForItsFunctionHasADefault() {
        assertThat(app.json("behaviour", "{}")).isEqualTo("\"the default\"");
    }

    @Test
    void aModuleThatCantBeLoadedIsRefused() {
        try (FunctionEngine engine = FunctionEngines.start(BehaviourTest.class, EngineSettings.DEFAULT)) {
            assertThatThrownBy(() -> engine.load(AppModules.of(Map.of("bad.js", "export const a = missing.b;"))))
                    .isInstanceOf(AppRefusedException.class)
                    .hasMessageStartingWith(
                            "The module 'bad.js' can't be loaded: Uncaught ReferenceError: missing is not defined");
            assertThatThrownBy(() -> engine.load(AppModules.of(Map.of("bad.js", "export const a = ;"))))
                    .isInstanceOf(AppRefusedException.class).hasMessageContaining("SyntaxError");
            assertThatThrownBy(() -> engine.load(AppModules.of(Map.of("bad.js", "import './gone.js';"))))
                    .isInstanceOf(AppRefusedException.class).hasMessageContaining("gone.js");
        }
    }
}
