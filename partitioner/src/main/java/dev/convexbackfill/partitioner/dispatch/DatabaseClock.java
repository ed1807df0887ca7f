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
package dev.convexbackfill.partitioner.dispatch;

import com.github.kagkarlsson.scheduler.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The database's time, so that leases mean the same to all processes. Goes on by this process's monotonic clock and is set
 * again now and then; a wrong or jumping wall clock of this machine makes no difference. Thread-safe.
 */
public final class DatabaseClock implements Clock {

    private static final Duration SET_EVERY = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseClock.class);

    private final JdbcClient jdbc;
    private volatile Reading reading;

    private record Reading(Instant time, long nanos) {}

    /** Reads the time at once. Throws {@link DataAccessException} if it can't. */
    public DatabaseClock(JdbcClient jdbc) {
        this.jdbc = jdbc;
        this.reading = read();
    }

    private Reading read() {
        long before = System.nanoTime();
        OffsetDateTime time = jdbc.sql("select current_timestamp").query(OffsetDateTime.class).single();
        long after = System.nanoTime();
        return new Reading(time.toInstant(), before + (after - before) / 2);
    }

    /** Never throws: an unreachable database leaves the clock going as it was. */
    @Override
    public Instant now() {
        Reading last = reading;
        if (System.nanoTime() - last.nanos() > SET_EVERY.toNanos()) {
            try {
                last = read();
                reading = last;
            } catch (DataAccessException unreachable) {
                LOG.debug("The clock could not be set", unreachable);
            }
        }
        return last.time().plusNanos(System.nanoTime() - last.nanos());
    }
}
