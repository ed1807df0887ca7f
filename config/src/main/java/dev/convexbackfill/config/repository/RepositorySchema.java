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

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

import javax.sql.DataSource;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;

/** The tables of the job repository. */
public final class RepositorySchema {

    private static final String LOCATION = "classpath:dev/convexbackfill/config/repository/";

    private RepositorySchema() {}

    /** Makes the tables, or brings them up to date; several processes may do so at once. */
    public static void migrate(DataSource dataSource) {
        migrate(dataSource, MigrationVersion.LATEST);
    }

    /** Makes the tables as an earlier version of them was. */
    static void migrate(DataSource dataSource, MigrationVersion target) {
        Flyway flyway = Flyway.configure()
                .dataSource(dataSource)
                .locations(LOCATION + "common", LOCATION + productName(dataSource))
                .table("backfill_schema_history")
                // the database may hold other things of the user
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .target(target)
                .load();
        try {
            flyway.migrate();
        } catch (FlywayException first) {
            // of two that begin at once, one may find the table of the other, and take it for an empty one
            try {
                flyway.migrate();
            } catch (FlywayException again) {
                again.addSuppressed(first);
                throw again;
            }
        }
    }

    /** True for PostgreSQL, false for H2. */
    public static boolean isPostgres(DataSource dataSource) {
        return productName(dataSource).equals("postgresql");
    }

    private static String productName(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection()) {
            return connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT);
        } catch (SQLException unreachable) {
            throw new IllegalStateException("The job repository can't be reached", unreachable);
        }
    }

    /** Whether {@link #migrate} has ever run here. */
    public static boolean exists(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection()) {
            for (String name : List.of("backfill_run", "BACKFILL_RUN")) {
                try (var tables = connection.getMetaData().getTables(null, null, name, null)) {
                    if (tables.next()) {
                        return true;
                    }
                }
            }
            return false;
        } catch (SQLException unreachable) {
            throw new IllegalStateException("The job repository can't be reached", unreachable);
        }
    }
}
