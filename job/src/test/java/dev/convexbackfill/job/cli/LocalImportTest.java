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

import dev.convexbackfill.job.cli.CommandProcess.Ended;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.testsupport.JavaProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalImportTest {

    @TempDir
    private Path folder;

    private Path snapshot() throws IOException {
        Path file = folder.resolve("snapshot.zip");
        try (OutputStream out = Files.newOutputStream(file); ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("users/documents.jsonl"));
            zip.write("{\"name\":\"Ada\"}\n{\"name\":\"Grace\"}\n".getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    @Test
    void servesASnapshotAndKeepsIt() throws IOException {
        String file = snapshot().toString();
        String data = folder.resolve("data").toString();
        CommandProcess command = new CommandProcess(folder);

        try (JavaProcess server = command.start("local", "--port", "0", "--data", data, "--import", file)) {
            server.awaitLine(line -> line.contains("CONVEX_DEPLOY_KEY"));
            assertThat(server.output()).contains("Imported 2 documents from '%s'.".formatted(file));
        }

        try (LocalDeployment deployment = LocalDeployment.builder().directory(Path.of(data)).start()) {
            assertThat(deployment.hasTable("users")).isTrue();
        }
        Ended again = command.run("local", "--port", "0", "--data", data, "--import", file);
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.output()).contains("--import: Hit an error while importing:",
                "Table users already exists. Please choose a new table name or use replace/append modes.");
    }
}
