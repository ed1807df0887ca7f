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
package dev.convexbackfill.contract;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.contract.Engine.Limits;
import dev.convexbackfill.contract.Engine.Served;
import dev.convexbackfill.local.TestFunctions;
import dev.convexbackfill.testsupport.NodeProject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The tests in {@code convex/test}, by Convex's official client over HTTP, of all engines. */
class ContractTest {

    /** What {@code convex/test/app/schema.ts} says. */
    private static final String SCHEMA = """
            {"schemaValidation": true, "tables": [
              {"tableName": "strict", "indexes": [], "searchIndexes": [], "vectorIndexes": [],
               "documentType": {"type": "object", "value": {"n": {"fieldType": {"type": "number"}, "optional": false}}}},
              {"tableName": "places", "searchIndexes": [], "vectorIndexes": [],
               "indexes": [{"indexDescriptor": "by_country", "fields": ["country", "facts.size"]}],
               "documentType": {"type": "any"}}]}""";

    /** The twin, the original as a local deployment runs it, and where Convex itself would test it. */
    static final List<Engine> ENGINES = List.of(
            new LocalEngine("native", builder -> builder.alsoFunctions(TestFunctions.all()), SCHEMA),
            new JavaScriptEngine("javascript"),
            new TestRuntimeEngine());

    private static final DeployKey KEY = new DeployKey("test|key");

    private final Deque<Served> served = new ArrayDeque<>();

    @AfterEach
    void endDeployments() {
        served.forEach(Served::close);
    }

    @ParameterizedTest
    @FieldSource("ENGINES")
    void everyPromiseIsKept(Engine engine) {
        NodeProject functions = NodeProject.in("convex", "contract tests of the engine " + engine.name());

        run(functions, List.of(engine), "test/contract");
    }

    @Test
    void whateverIsAskedAllEnginesAnswerAlike() {
        NodeProject functions = NodeProject.in("convex", "the comparison of all engines");

        run(functions, ENGINES, "test/properties");
    }

    private void run(NodeProject functions, List<Engine> engines, String tests) {
        StringJoiner json = new StringJoiner(",", "{", "}");
        for (Engine engine : engines) {
            StringJoiner urls = new StringJoiner(",", "{", "}");
            for (Limits limits : Limits.values()) {
                Served deployment = engine.serve(limits, KEY, functions);
                served.push(deployment);
                urls.add("\"%s\":\"%s\"".formatted(limits, deployment.url()));
            }
            json.add("\"%s\":%s".formatted(engine.name(), urls));
        }
        String printed = functions.run(
                Map.of("BACKFILL_TEST_ENGINES", json.toString(), "BACKFILL_TEST_KEY", KEY.value()), "npx", "vitest",
                "run",
                tests);
        System.out.println(printed);
    }
}
