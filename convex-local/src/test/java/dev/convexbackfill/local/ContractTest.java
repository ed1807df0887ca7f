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
package dev.convexbackfill.local;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.testsupport.NodeProject;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The tests of {@code convex/backfill.ts}, run against its Java twin over HTTP by the official client. */
class ContractTest {

    private static final DeployKey KEY = new DeployKey("test|key");

    @Test
    void theTwinKeepsEveryPromiseOfTheFunctionsThatUsersInstall() {
        NodeProject project = NodeProject.in("convex", "contract tests of the native functions");
        TransactionLimits fourWrites = new TransactionLimits(32_000, 16L << 20, 4096, 4, 16L << 20);
        try (LocalDeployment usual = deployment(TransactionLimits.CONVEX);
                LocalDeployment small = deployment(fourWrites)) {
            project.run(Map.of("BACKFILL_TEST_URL", usual.url().toString(),
                    "BACKFILL_TEST_URL_FOUR_WRITES", small.url().toString(),
                    "BACKFILL_TEST_KEY", KEY.value(),
                    "BACKFILL_TEST_SERVER", TestServer.command()),
                    "npx", "vitest", "run", "--no-file-parallelism");
        }
    }

    private static LocalDeployment deployment(TransactionLimits limits) {
        return LocalDeployment.builder()
                .adminKey(KEY)
                .limits(limits)
                .schema(new DocumentSchema(Map.of("strict", Validator.object().field("n", Validator.NUMBER))))
                .alsoFunctions(TestFunctions.all())
                .start();
    }
}
