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
package dev.convexbackfill.local.limits;

import java.time.Duration;

/**
 * What a whole deployment does at once, and what it tells of failures. Source: the knobs of the Convex backend, and the
 * smallest class of hosted deployments.
 *
 * @param queries        that run at once
 * @param mutations      that run at once
 * @param actions        that run at once
 * @param queueing       how long a call waits for its turn before it is refused
 * @param bytesPerSecond that all writers together commit before mutations are refused
 * @param redacts        true if callers learn of failures only what a {@code ConvexError} carries, and see no log lines
 */
public record DeploymentLimits(int queries, int mutations, int actions, Duration queueing, long bytesPerSecond,
        boolean redacts) {

    /** None at all, and every failure explained: a laptop. */
    public static final DeploymentLimits OFF = new DeploymentLimits(Integer.MAX_VALUE, Integer.MAX_VALUE,
            Integer.MAX_VALUE, Duration.ZERO, Long.MAX_VALUE, false);

    /** The class S16 in production. */
    public static final DeploymentLimits CLOUD = new DeploymentLimits(16, 16, 64, Duration.ofSeconds(5), 4L << 20,
            true);
}
