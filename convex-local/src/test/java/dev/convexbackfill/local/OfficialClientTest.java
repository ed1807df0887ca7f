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
import dev.convexbackfill.testsupport.NodeProject;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code convex/test/sync.test.ts}: Convex's official websocket client, unchanged, against a deployment. */
class OfficialClientTest {

    private static final DeployKey KEY = new DeployKey("test|key");

    @Test
    void seesWhatChangesAndLosesNoMutationAlsoWhenTheServerIsKilled() {
        NodeProject project = NodeProject.in("convex", "tests of the official websocket client");
        try (LocalDeployment deployment = LocalDeployment.builder().adminKey(KEY).alsoFunctions(TestFunctions.all())
                .start()) {
            project.run(Map.of("BACKFILL_TEST_URL", deployment.url().toString(), "BACKFILL_TEST_KEY", KEY.value(),
                    "BACKFILL_TEST_SERVER", TestServer.command(), "BACKFILL_TEST_ENGINES", "{}"), "npx", "vitest",
                    "run", "test/sync.test.ts");
        }
    }
}
