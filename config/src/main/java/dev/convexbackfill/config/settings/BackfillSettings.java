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
package dev.convexbackfill.config.settings;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the processes of one repository behave. The lease must be the same in all of them.
 *
 * @param lease       how long a process may be silent before others take its work over
 * @param callTimeout how long one call to Convex may take before its outcome counts as unknown
 * @param giveUpAfter how long a range goes on trying while Convex refuses or does not answer
 * @param stopGrace   how long a chunk in flight may take to end after a stop before it is abandoned
 * @param plugins     the folder with plugins in Java; null for none
 */
public record BackfillSettings(Duration lease, Duration callTimeout, Duration giveUpAfter, Duration stopGrace,
        @Nullable Path plugins) {

    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(4);

    /** A lease above the outages of a database that nobody should notice; ten minutes of patience with Convex. */
    public static final BackfillSettings DEFAULT = new BackfillSettings(Duration.ofSeconds(30), Duration.ofSeconds(30),
            Duration.ofMinutes(10), Duration.ofSeconds(2), null);

    /** Throws {@link IllegalArgumentException} for a time that is not positive, or a lease under 4 s. */
    public BackfillSettings {
        if (lease.compareTo(SHORTEST_LEASE) < 0) {
            throw new IllegalArgumentException(
                    "The lease is %s and must be at least %s".formatted(lease, SHORTEST_LEASE));
        }
        for (Duration time : new Duration[]{callTimeout, giveUpAfter, stopGrace}) {
            if (!time.isPositive()) {
                throw new IllegalArgumentException("A time-out is %s and must be positive".formatted(time));
            }
        }
    }

    /** With another lease. */
    public BackfillSettings withLease(Duration time) {
        return new BackfillSettings(time, callTimeout, giveUpAfter, stopGrace, plugins);
    }

    /** With other patience. */
    public BackfillSettings withGiveUpAfter(Duration time) {
        return new BackfillSettings(lease, callTimeout, time, stopGrace, plugins);
    }

    /** With another time-out of calls. */
    public BackfillSettings withCallTimeout(Duration time) {
        return new BackfillSettings(lease, time, giveUpAfter, stopGrace, plugins);
    }

    /** With the plugins of a folder. */
    public BackfillSettings withPlugins(@Nullable Path folder) {
        return new BackfillSettings(lease, callTimeout, giveUpAfter, stopGrace, folder);
    }
}
