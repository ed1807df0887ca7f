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

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryDataSourceTest {

    @TempDir
    private Path folder;

    @Test
    void whatPostgresHasCommittedIsWrittenAlsoWhereTheServerAnswersBeforeThat() throws SQLException {
        TestDatabase database = TestDatabase.Kind.POSTGRESQL.create(folder);
        try (Connection admin = DriverManager.getConnection(database.url(), database.username(), database.password());
                Statement statement = admin.createStatement()) {
            statement.execute("do $$ begin execute format('alter database %I set synchronous_commit = off',"
                    + " current_database()); end $$");
        }

        try (HikariDataSource dataSource = RepositoryDataSource.forRuns(
                new RepositoryLocation(database.url(), database.username(), database.password()), 1);
                Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet setting = statement.executeQuery("show synchronous_commit")) {
            assertThat(setting.next()).isTrue();
            assertThat(setting.getString(1)).isEqualTo("on");
        }
    }
}
