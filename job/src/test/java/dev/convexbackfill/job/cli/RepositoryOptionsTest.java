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

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.repository.RepositorySchema;
import dev.convexbackfill.testsupport.JavaProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RepositoryOptionsTest {

    @TempDir
    private Path folder;

    @Test
    void answersAlsoWhenTheProcessThatServesTheFileEndsMeanwhile() {
        RepositoryOptions options = CommandLine.populateCommand(new RepositoryOptions(), "--repository",
                RepositoryLocation.inFolder(folder).url());
        AtomicInteger asked = new AtomicInteger();
        try (JavaProcess server = JavaProcess.start(Server.class, List.of(), Map.of(), folder.toString())) {
            server.awaitLine("open"::equals);

            String answer = options.ask(stores -> stores.transactions().execute(_ -> {
                if (asked.getAndIncrement() == 0) {
                    server.kill();
                }
                return stores.jdbc().sql("select count(*) from backfill_run").query(Long.class).single() + " runs";
            }), "nothing");

            assertThat(answer).isEqualTo("0 runs");
            assertThat(asked).hasValue(2);
        }
    }

    /** Has a repository open. */
    static final class Server {

        private Server() {}

        public static void main(String[] args) throws InterruptedException {
            try (HikariDataSource repository = RepositoryDataSource
                    .forRuns(RepositoryLocation.inFolder(Path.of(args[0])), 2)) {
                RepositorySchema.migrate(repository);
                System.out.println("open");
                new CountDownLatch(1).await();
            }
        }
    }
}
