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

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import org.flywaydb.core.api.MigrationVersion;

/**
 * A job repository of a test's own.
 *
 * @param dataSource connections to it
 */
public record TestRepository(RepositoryLocation location, HikariDataSource dataSource) implements AutoCloseable {

    /** Makes one with all tables; what belongs to a file goes to {@code folder}. */
    public static TestRepository create(TestDatabase.Kind kind, Path folder) {
        return createOld(kind, folder, MigrationVersion.LATEST);
    }

    /** The same, with the tables as an earlier version of them was, such as "6". */
    public static TestRepository createOld(TestDatabase.Kind kind, Path folder, String version) {
        return createOld(kind, folder, MigrationVersion.fromVersion(version));
    }

    private static TestRepository createOld(TestDatabase.Kind kind, Path folder, MigrationVersion version) {
        TestDatabase database = kind.create(folder);
        RepositoryLocation location = new RepositoryLocation(database.url(), database.username(), database.password());
        HikariDataSource dataSource = RepositoryDataSource.forRuns(location, 10);
        RepositorySchema.migrate(dataSource, version);
        return new TestRepository(location, dataSource);
    }

    /** Makes of earlier tables those of today. */
    public void bringUpToDate() {
        RepositorySchema.migrate(dataSource);
    }

    /** Makes the tables in {@code location} as an earlier version of them was, such as "6". */
    public static void createOldTables(RepositoryLocation location, String version) {
        try (HikariDataSource dataSource = RepositoryDataSource.forRuns(location, 2)) {
            RepositorySchema.migrate(dataSource, MigrationVersion.fromVersion(version));
        }
    }

    @Override
    public void close() {
        dataSource.close();
    }
}
