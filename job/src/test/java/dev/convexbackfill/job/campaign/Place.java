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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;

/**
 * Where the deployment of a campaign is.
 *
 * @param folder what keeps everything that the campaign leaves
 * @param port   on loopback
 */
record Place(Path folder, int port) {

    static final String KEY = "local|0123456789abcdef";

    /** With a port that is free. */
    static Place in(Path folder) {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Place(folder, socket.getLocalPort());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** What the deployment keeps its documents in. */
    Path documents() {
        return folder.resolve("deployment");
    }

    /** The file in which the app notes its writes; see {@link AppWrites}. */
    Path writes() {
        return folder.resolve("writes.txt");
    }

    DeploymentReader deployment() {
        return new DeploymentReader(url(), KEY);
    }
}
