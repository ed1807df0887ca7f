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
package dev.convexbackfill.job.history;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The time in which one process executed a run.
 *
 * @param number  from 1 on
 * @param process whose, on which machine, and which
 * @param program with its version
 * @param endedAt null while it goes on, and for ever if the process was killed
 * @param state   of the run when it ended; null as {@code endedAt}
 * @param reason  why the run ended so, where there was one
 */
public record Execution(int number, String process, String program, Instant beganAt, @Nullable Instant endedAt,
        @Nullable String state, @Nullable String reason) {}
