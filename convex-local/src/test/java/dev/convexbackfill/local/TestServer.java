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
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import tools.jackson.core.io.JsonStringEncoder;

/** A deployment in a process of its own that keeps its documents, for tests that kill it. */
final class TestServer {

    private TestServer() {}

    /** What starts it; its directory and its port are still to be added. As a JSON array. */
    static String command() {
        List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                TestServer.class.getName());
        return command.stream()
                .map(word -> '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(word)) + '"')
                .toList().toString();
    }

    public static void main(String[] args) throws InterruptedException {
        LocalDeployment deployment = LocalDeployment.builder()
                .adminKey(new DeployKey("test|key"))
                .directory(Path.of(args[0]))
                .port(Integer.parseInt(args[1]))
                .alsoFunctions(TestFunctions.all())
                .start();
        System.out.println("serving " + deployment.url());
        new CountDownLatch(1).await();
    }
}
