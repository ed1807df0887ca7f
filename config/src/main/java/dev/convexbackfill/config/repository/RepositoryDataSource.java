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
package dev.convexbackfill.config.repository;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;

/** Makes connection pools over the job repository. */
public final class RepositoryDataSource {

    /** Above the longest outage that a run should not even notice. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** For the first connection, which a user waits for. */
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(15);
    /** Inside a transaction, of which all are short. */
    private static final Duration LONGEST_IDLE = Duration.ofSeconds(5);
    private static final String BIND_ADDRESS = "h2.bindAddress";

    static {
        // H2's server for other commands of this machine must not be reachable from elsewhere
        if (System.getProperty(BIND_ADDRESS) == null) {
            System.setProperty(BIND_ADDRESS, "127.0.0.1");
        }
    }

    private RepositoryDataSource() {}

    /** For the work of a run: waits through an outage of the database for up to a minute. */
    public static HikariDataSource forRuns(RepositoryLocation location, int connections) {
        return pool(location, "repository", connections, PATIENCE);
    }

    /**
     * For what keeps a run's owner known, which must fail fast: a heartbeat that waits for a connection is as bad as none.
     */
    public static HikariDataSource forDispatch(RepositoryLocation location, Duration timeout) {
        return pool(location, "dispatch", 4, timeout);
    }

    /** For a command that asks once. */
    public static HikariDataSource forOneQuestion(RepositoryLocation location) {
        return pool(location, "question", 1, Duration.ofSeconds(10));
    }

    private static HikariDataSource pool(RepositoryLocation location, String name, int connections, Duration timeout) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl(location.jdbcUrl());
        config.setUsername(location.username() == null && location.isH2() ? "sa" : location.username());
        config.setPassword(location.password() == null && location.isH2() ? "" : location.password());
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(Math.min(connections, 2));
        config.setConnectionTimeout(timeout.toMillis());
        config.setInitializationFailTimeout(FIRST_PATIENCE.toMillis());
        if (!location.isH2()) {
            config.addDataSourceProperty("ApplicationName", "convex-backfill");
            // a connection whose server vanished without a word must not hang for ever
            config.addDataSourceProperty("socketTimeout", "60");
            config.addDataSourceProperty("tcpKeepAlive", "true");
            config.setConnectionInitSql(settings());
        }
        return new HikariDataSource(config);
    }

    /**
     * Of each connection to PostgreSQL. A process that stalls inside a transaction must not keep its locks from the one that takes
     * over. A plan that is made for any run locks the journals of all runs, one that is made for the run at hand only its own. And
     * what the deployment has applied because it was journaled must be in the journal after a crash of the server, too, also where
     * the server's default is to answer before it has written.
     */
    private static String settings() {
        return """
                set idle_in_transaction_session_timeout = '%d s';
                set plan_cache_mode = force_custom_plan;
                select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"""
                .formatted(LONGEST_IDLE.toSeconds());
    }
}
