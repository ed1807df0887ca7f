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

import java.time.Duration;

/**
 * How a socket is kept alive.
 *
 * @param interval how often the client is asked for a sign of life
 * @param idle     after how long without a message the client gets a {@code Ping}
 * @param silence  after how long without a sign of life the client is given up
 */
record Heartbeat(Duration interval, Duration idle, Duration silence) {

    /** Source: {@code crates/local_backend/src/subs/mod.rs} and {@code crates/sync/src/worker.rs} of the Convex backend. */
    static final Heartbeat CONVEX = new Heartbeat(Duration.ofSeconds(5), Duration.ofSeconds(15),
            Duration.ofSeconds(120));
}
