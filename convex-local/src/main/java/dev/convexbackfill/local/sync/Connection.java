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
package dev.convexbackfill.local.sync;

/** What a {@link SyncWorker} can do with its websocket. Thread-safe; nothing blocks, and nothing fails: what can't be sent ends the socket. */
interface Connection {

    /** Sends one message; {@code sent} is run once the next may be sent. */
    void send(String text, Runnable sent);

    /** Asks the client for a sign of life. */
    void ping(Runnable sent);

    /** Lets one more message come in. */
    void demand();

    /** Says good-bye with a code and a reason. */
    void close(int code, String reason);

    /** Cuts the connection without a word. */
    void disconnect();
}
