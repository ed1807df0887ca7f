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
package dev.convexbackfill.job.campaign;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A network between runners and the deployment that can hold what is on its way, and deliver it much later. */
final class HoldingProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final List<Socket> sockets = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private volatile String holdWhat = "";

    /** A request that is held, and the connection that it came on, which is served no more until it is released. */
    private static final class Held {

        private final CountDownLatch released = new CountDownLatch(1);
        private final CountDownLatch delivered = new CountDownLatch(1);
        private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
    }

    HoldingProxy(int target) {
        this.target = target;
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().start(this::accept);
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                synchronized (this) {
                    sockets.add(client);
                    sockets.add(server);
                }
                Held[] onThis = new Held[1];
                Thread.ofVirtual().start(() -> forward(client, server, onThis));
                Thread.ofVirtual().start(() -> answer(server, client, onThis));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void forward(Socket from, Socket to, Held[] onThis) {
        byte[] buffer = new byte[1 << 20];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (!holdWhat.isEmpty() && new String(buffer, 0, n, StandardCharsets.ISO_8859_1).contains(holdWhat)) {
                    Held request = new Held();
                    onThis[0] = request;
                    synchronized (this) {
                        held.add(request);
                        notifyAll();
                    }
                    request.released.await();
                }
                out.write(buffer, 0, n);
                out.flush();
            }
        } catch (IOException | InterruptedException _) {
            // an end is gone
        }
    }

    private static void answer(Socket from, Socket to, Held[] onThis) {
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                Held request = onThis[0];
                if (request != null) {
                    request.answer.write(buffer, 0, n);
                    request.delivered.countDown();
                }
                to.getOutputStream().write(buffer, 0, n);
            }
        } catch (IOException _) {
            // an end is gone
        }
    }

    /** Holds every request from now on that has {@code text} in it, and returns when there is one. */
    synchronized void hold(String text) throws InterruptedException {
        holdWhat = text;
        while (held.isEmpty()) {
            wait();
        }
    }

    /** Holds no more requests, but keeps those that it holds. */
    void letOthersPass() {
        holdWhat = "";
    }

    /** Delivers what was held, and returns what the deployment answers to it. */
    List<String> release() throws InterruptedException {
        List<Held> all;
        synchronized (this) {
            all = List.copyOf(held);
        }
        List<String> answers = new ArrayList<>();
        for (Held request : all) {
            request.released.countDown();
            request.delivered.await();
            answers.add(request.answer.toString(StandardCharsets.UTF_8));
        }
        return answers;
    }

    @Override
    public synchronized void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
