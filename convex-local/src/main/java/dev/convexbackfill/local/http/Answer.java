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

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What a route answers with status 200; other statuses are {@link RequestRefusedException}s. */
sealed interface Answer {

    String contentType();

    /** More headers. */
    default Map<String, String> headers() {
        return Map.of();
    }

    /** An answer that is all there. Nobody compares two. */
    @SuppressWarnings("ArrayRecordComponent")
    record Whole(String contentType, byte[] body) implements Answer {}

    /** An answer that is made while it is sent. */
    record Streamed(String contentType, Map<String, String> headers, Body body) implements Answer {

        public Streamed {
            headers = Map.copyOf(headers);
        }
    }

    /** Writes an answer. */
    interface Body {

        /** An exception cuts the answer off, which the caller notices. */
        void write(OutputStream out) throws IOException;
    }

    static Answer json(byte[] body) {
        return new Whole("application/json", body);
    }

    static Answer json(String body) {
        return json(body.getBytes(StandardCharsets.UTF_8));
    }

    static Answer text(String text) {
        return new Whole("text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** Nothing but the status. */
    static Answer empty() {
        return new Whole("text/plain; charset=utf-8", new byte[0]);
    }
}
