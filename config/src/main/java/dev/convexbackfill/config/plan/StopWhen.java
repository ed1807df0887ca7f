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
package dev.convexbackfill.config.plan;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a run stops by itself because the deployment or the app seems to suffer.
 *
 * @param conflicts how many times the app may be faster than the run at a document; null for any number
 * @param latency   how long 95 of 100 calls that write may take; null for any time
 */
public record StopWhen(@Nullable Allowance conflicts, @Nullable Duration latency) {

    public static final StopWhen NEVER = new StopWhen(null, null);
}
