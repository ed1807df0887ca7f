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
package dev.convexbackfill.job.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.testsupport.JavaProcess;
import dev.convexbackfill.testsupport.Repository;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * S3Proxy over a folder, in a process of its own: it checks signatures, and serves multipart uploads and listings as Amazon does.
 * Maven puts it where this finds it.
 */
final class S3Server implements AutoCloseable {

    static final String KEY_ID = "backfill-test-key";
    static final String SECRET = "backfill-test-secret-0123456789";
    static final String BUCKET = "points";

    private final JavaProcess process;
    private final URI url;

    private S3Server(JavaProcess process, URI url) {
        this.process = process;
        this.url = url;
    }

    /** Starts one in an empty folder, with one bucket. */
    static S3Server start(Path folder) throws IOException {
        Path jar = Repository.root().resolve("job/target/s3/s3proxy.jar");
        assertThat(jar).as("Maven copies it in the phase generate-test-resources").isRegularFile();
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        URI url = URI.create("http://127.0.0.1:" + port);
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.createDirectories(data.resolve(BUCKET));
        Path properties = Files.writeString(folder.resolve("s3proxy.conf"), """
                s3proxy.endpoint=%s
                s3proxy.authorization=aws-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                jclouds.provider=filesystem-nio2
                jclouds.filesystem.basedir=%s
                """.formatted(url, KEY_ID, SECRET, data));
        JavaProcess process = JavaProcess.start(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1", "-Xmx256m", "-DLOG_LEVEL=info", "-jar", jar.toString(),
                        "--properties", properties.toString()),
                Map.of());
        process.awaitLine(line -> line.contains("Started") && line.contains(String.valueOf(port)));
        return new S3Server(process, url);
    }

    URI url() {
        return url;
    }

    SnapshotPlace place(String prefix) {
        return SnapshotPlaces.open("s3://" + BUCKET + "/" + prefix,
                new SnapshotPlaces.StoreAccess(url.toString(), "us-east-1", true));
    }

    @Override
    public void close() {
        process.close();
    }
}
