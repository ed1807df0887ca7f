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
package com.example.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.job.cli.Backfill;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.Repository;
import dev.convexbackfill.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plan of the example, as its users run it: with the jars of a folder. */
class EnrichRunTest {

    private static final Path EXAMPLE = Repository.root().resolve("examples/plugins/postgres-lookup");
    private static final int USERS = 1000;
    private static final int CUSTOMERS = 990;

    @TempDir
    private Path folder;

    @Test
    void everyUserWhoIsACustomerIsEnriched() throws IOException, SQLException {
        TestDatabase crm = Customers.create("crm_" + System.nanoTime(), CUSTOMERS);
        Path plan = Files.writeString(folder.resolve("plan.yaml"),
                Files.readString(EXAMPLE.resolve("plan.yaml"))
                        .replace("jdbc:postgresql://localhost:5432/crm", crm.url())
                        .replace("username: crm", "username: " + crm.username()));
        try (LocalDeployment deployment = LocalDeployment.builder().start()) {
            deployment.load("users", IntStream.range(0, USERS).mapToObj(
                    i -> ConvexObject.of("email", ConvexValue.of("user" + i + "@example.com"), "n",
                            ConvexValue.number(i))));

            try (JavaProcess run = JavaProcess.start(Backfill.class,
                    List.of("-Dbackfill.log.file=" + folder.resolve("backfill.log")),
                    Map.of("BACKFILL_REPOSITORY_URL", "jdbc:h2:file:" + folder.resolve("repository"), "CONVEX_URL",
                            deployment.url().toString(), "CONVEX_DEPLOY_KEY", deployment.adminKey().value(),
                            "CRM_PASSWORD", crm.password()),
                    "run", plan.toString(), "--plugins", EXAMPLE.resolve("target/plugins").toString())) {
                int exitCode = run.awaitExit(120);
                assertThat(exitCode).describedAs(String.join("\n", run.output())).isEqualTo(3);
            }

            deployment.forEach("users", user -> {
                int n = (int) user.number("n");
                assertThat(user.has("country")).isEqualTo(n < CUSTOMERS);
                if (n < CUSTOMERS) {
                    assertThat(user.get("orders")).isEqualTo(ConvexValue.int64(n));
                }
            });
        }
    }
}
