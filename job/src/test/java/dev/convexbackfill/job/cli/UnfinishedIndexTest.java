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
package dev.convexbackfill.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.schema.DatabaseSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans by an index that can't be read yet, because a schema with it is only being deployed. */
class UnfinishedIndexTest {

    private static final String BY_AGE = """
            {"schemaValidation": false, "tables": [{"tableName": "users", "searchIndexes": [], "vectorIndexes": [],
              "indexes": [{"indexDescriptor": "by_age", "fields": ["age"]}], "documentType": null}]}""";
    private static final String PLAN = """
            apiVersion: backfill/v1
            name: ages
            table: users
            where: { index: by_age, range: { field: age, from: 10 } }
            transform: [{ increment: { field: age } }]
            """;
    /** More than the deployment adds to an index in one commit. */
    private static final int DOCUMENTS = 3000;
    private static final int UNLIMITED = 1_000_000;

    /** One for each commit that the deployment may still make. */
    private final Semaphore commits = new Semaphore(UNLIMITED);
    private final LocalDeployment deployment = LocalDeployment.builder().clock(new CommitClock(commits)).start();

    @TempDir
    private Path folder;

    @BeforeEach
    void load() throws IOException {
        deployment.load("users",
                IntStream.range(0, DOCUMENTS).mapToObj(n -> ConvexObject.of("age", ConvexValue.number(n % 100))));
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
        Files.writeString(folder.resolve("plan.yaml"), PLAN);
    }

    @AfterEach
    void close() {
        commits.release(UNLIMITED);
        deployment.close();
    }

    /** The clock of a deployment, which asks it for the time of each commit: the next one waits for a permit. */
    private static final class CommitClock extends Clock {

        private final Semaphore commits;

        CommitClock(Semaphore commits) {
            this.commits = commits;
        }

        @Override
        public Instant instant() {
            if (Thread.currentThread().getName().equals("convex-local-committer")) {
                commits.acquireUninterruptibly();
            }
            return Instant.now();
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }

    private int backfill(String command, String... more) {
        return BackfillCommand.execute(Stream.concat(Stream.of(command, folder.resolve("plan.yaml").toString(), "--url",
                deployment.url().toString(), "--admin-key-file", folder.resolve("key").toString()), Stream.of(more))
                .toArray(String[]::new));
    }

    private void requireRefused(String message) {
        String repository = "jdbc:h2:file:" + folder.resolve("repository");
        try (ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build()) {
            DeploymentCheck check = new DeploymentCheck(client);
            assertThatThrownBy(() -> check.check(PlanParser.parse("plan.yaml", PLAN)))
                    .isInstanceOf(RefusedException.class).hasMessage(message);
        }
        assertThat(List.of(backfill("check"), backfill("rehearse"), backfill("run", "--repository", repository)))
                .containsOnly(ExitCode.REFUSED);
        assertThat(deployment.hasTable("backfillLedger")).isFalse();
    }

    @Test
    void anIndexThatIsBeingBuiltIsRefused() {
        // to put the schema up, and to add a page of documents to its index
        commits.drainPermits();
        commits.release(2);
        String schema = deployment.schemas().prepare(DatabaseSchema.fromExport(BY_AGE)).schemaId();

        requireRefused("The deployment is still building the index 'by_age' of the table 'users'. Try again when it is"
                + " ready.");

        commits.release(UNLIMITED);
        awaitReady(schema);
        deployment.schemas().finish(schema);
        assertThat(backfill("check")).isZero();
    }

    private void awaitReady(String schema) {
        Awaitility.await().until(() -> deployment.schemas().status(schema).orElseThrow().isReady());
    }

    @Test
    void anIndexOfASchemaThatIsNotActiveYetIsRefused() {
        String schema = deployment.schemas().prepare(DatabaseSchema.fromExport(BY_AGE)).schemaId();
        awaitReady(schema);

        requireRefused(
                "The index 'by_age' of the table 'users' is built, but the schema that declares it is not active."
                        + " Try again when its deployment has ended; if that has failed, deploy it again.");
    }

    /** The app goes on with the old one until the new one takes its place, and so does a run. */
    @Test
    void anIndexThatIsToBeReplacedByOneOfItsNameCanBeRead() {
        deployment.pushSchema(BY_AGE);
        commits.drainPermits();
        commits.release(2);
        deployment.schemas().prepare(DatabaseSchema.fromExport(BY_AGE.replace("[\"age\"]", "[\"name\", \"age\"]")));

        assertThat(backfill("check")).isZero();
    }
}
