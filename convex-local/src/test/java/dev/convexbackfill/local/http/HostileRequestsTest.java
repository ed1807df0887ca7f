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
package dev.convexbackfill.local.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.testsupport.JavaProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that mean harm, or make no sense, against a process with little memory. */
class HostileRequestsTest {

    private static final String SECRET = "verysecretkey";
    private static final int TIMEOUT_MILLIS = 60_000;

    private static JavaProcess server;
    private static int port;

    @BeforeAll
    static void start() {
        server = JavaProcess.start(Server.class, List.of("-Xmx128m", "-XX:+ExitOnOutOfMemoryError"), Map.of());
        port = Integer.parseInt(server.awaitLine(line -> line.startsWith("port ")).substring("port ".length()));
    }

    @AfterAll
    static void kill() {
        server.close();
    }

    @AfterEach
    void itStillServesAndHasToldNobodyItsKey() throws IOException {
        assertThat(server.isAlive()).isTrue();
        assertThat(exchange(post("/api/query", "application/json", "{\"path\":\"m:echo\",\"args\":{}}")))
                .startsWith("HTTP/1.1 200").contains("\"success\"");
        assertThat(server.output()).noneMatch(line -> line.contains(SECRET));
    }

    private static byte[] post(String path, String type, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head = "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                .formatted(path, type, bytes.length);
        return (head + body).getBytes(StandardCharsets.UTF_8);
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    /** Sends what may be no request at all, says that nothing follows, and returns everything that comes back. */
    private static String exchange(byte[] request) throws IOException {
        try (Socket socket = connect()) {
            try {
                OutputStream out = socket.getOutputStream();
                out.write(request);
                socket.shutdownOutput();
            } catch (SocketException _) {
                // refused before all of it was sent
            }
            return read(socket.getInputStream());
        }
    }

    private static String read(InputStream in) throws IOException {
        try {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (SocketException _) {
            return "";
        }
    }

    private static void assertDecent(String answer, String request) {
        assertThat(answer).as(request).doesNotContain(SECRET).doesNotContain("Exception");
        if (!answer.isEmpty()) {
            assertThat(answer).as(request).startsWith("HTTP/1.1 ");
            int status = Integer.parseInt(answer.substring(9, 12));
            assertThat(status).as(request).isNotEqualTo(500);
            String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            if (status >= 400 && !body.isEmpty()) {
                ConvexObject error = ConvexJson.decodeObject(body.getBytes(StandardCharsets.ISO_8859_1));
                assertThat(error.names()).as(request).contains("code", "message");
            }
        }
    }

    @Test
    void whatMakesNoSenseIsRefusedInConvexsForm() throws IOException {
        Random random = new Random(20_260_504);
        HostileRequests requests = new HostileRequests(random, SECRET);
        for (int i = 0; i < 600; i++) {
            byte[] request = requests.next();
            assertDecent(exchange(request), new String(request, StandardCharsets.ISO_8859_1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "1,", "{},"})
    void jsonThatIsHugeOrDeepTakesNoMoreMemoryThanThereIs(String piece) throws Exception {
        String open = piece.endsWith(",") ? "[" : "";
        String args = open + piece.repeat((15 << 20) / piece.length());
        byte[] request = post("/api/query", "application/json", "{\"path\":\"m:echo\",\"args\":{\"value\":" + args);
        List<Thread> threads = new ArrayList<>();
        List<String> answers = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 3; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    answers.add(exchange(request));
                } catch (IOException broken) {
                    answers.add("broken: " + broken);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(answers).hasSize(3).allSatisfy(answer -> assertDecent(answer, piece));
    }

    @Test
    void aLongListOfListsIsWeighedBeforeItIsRead() throws IOException {
        String row = "[" + "1,".repeat(8000) + "1],";
        String body = "{\"path\":\"m:echo\",\"args\":{\"value\":[%s[]]}}".formatted(row.repeat(900));

        assertThat(exchange(post("/api/query", "application/json", body))).startsWith("HTTP/1.1 503")
                .contains("WorkerOverloaded");
    }

    @Test
    void largeEchoesAreNotHeldInMemory() throws IOException {
        String body = "x".repeat(40 << 20);

        assertThat(exchange(post("/echo", "text/plain", body)).length()).isGreaterThan(40 << 20);
    }

    @Test
    void aThousandConnectionsThatDoLittleAreNothing() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 1000; i++) {
                Socket socket = connect();
                sockets.add(socket);
                switch (i % 3) {
                    case 1 -> socket.getOutputStream().write("POST /api/query HTTP/1.1\r\nHost: x\r\nContent-Le"
                            .getBytes(StandardCharsets.US_ASCII));
                    case 2 -> socket.getOutputStream().write(("POST /api/query HTTP/1.1\r\nHost: x\r\n"
                            + "Content-Type: application/json\r\nContent-Length: 4000000\r\n\r\n{\"path\":")
                            .getBytes(StandardCharsets.US_ASCII));
                    default -> {
                        // idle
                    }
                }
            }
            itStillServesAndHasToldNobodyItsKey();
            for (int i = 0; i < 1000; i += 3) {
                sockets.get(i).getOutputStream()
                        .write(post("/api/query", "application/json", "{\"path\":\"m:echo\",\"args\":{}}"));
            }
            for (int i = 0; i < 1000; i += 3) {
                assertThat(read(sockets.get(i).getInputStream())).startsWith("HTTP/1.1 200");
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Serves in a process of its own. */
    static final class Server {

        private Server() {}

        public static void main(String[] args) throws InterruptedException {
            LocalDeployment deployment = LocalDeployment.builder()
                    .adminKey(new DeployKey("local|" + SECRET))
                    .alsoFunctions(List.of(FunctionDefinition.query("m:echo", Visibility.PUBLIC, Validator.ANY,
                            (_, given) -> given)))
                    .start();
            System.out.println("port " + deployment.url().getPort());
            Thread.currentThread().join();
        }
    }
}
