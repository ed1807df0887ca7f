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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RepositorySchemaTest {

    @TempDir
    private Path folder;

    private RepositoryLocation location(TestDatabase.Kind kind) {
        TestDatabase database = kind.create(folder);
        return new RepositoryLocation(database.url(), database.username(), database.password());
    }

    @ParameterizedTest
    @EnumSource
    void isMadeOnceHoweverManyProcessesBegin(TestDatabase.Kind kind) throws Exception {
        try (HikariDataSource dataSource = RepositoryDataSource.forRuns(location(kind), 6);
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            assertThat(RepositorySchema.exists(dataSource)).isFalse();
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(threads.submit(() -> RepositorySchema.migrate(dataSource)));
            }
            for (Future<?> one : all) {
                one.get();
            }
            RepositorySchema.migrate(dataSource);
            assertThat(RepositorySchema.exists(dataSource)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theJournalTakesMoreThanAMebibyte(TestDatabase.Kind kind) throws SQLException {
        byte[] large = new byte[3 << 20];
        large[12345] = 7;
        try (HikariDataSource dataSource = RepositoryDataSource.forRuns(location(kind), 2)) {
            RepositorySchema.migrate(dataSource);
            if (RepositorySchema.isPostgres(dataSource)) {
                try (Connection connection = dataSource.getConnection();
                        Statement statement = connection.createStatement()) {
                    statement.execute("create table r partition of backfill_journal for values in ('r')");
                }
            }
            try (Connection connection = dataSource.getConnection();
                    PreparedStatement insert = connection.prepareStatement("insert into backfill_journal"
                            + " (run_name, range_number, sequence, fence, documents, changes) values ('r', 1, 2, 3, 4, ?)");
                    PreparedStatement select = connection.prepareStatement("select changes from backfill_journal")) {
                insert.setBytes(1, large);
                insert.executeUpdate();
                try (ResultSet rows = select.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getBytes(1)).isEqualTo(large);
                }
            }
        }
    }

    @Test
    void anotherProcessCanLookIntoAnOpenFile() throws SQLException {
        RepositoryLocation location = RepositoryLocation.inFolder(folder);
        try (HikariDataSource owner = RepositoryDataSource.forRuns(location, 2)) {
            RepositorySchema.migrate(owner);
            try (HikariDataSource second = RepositoryDataSource.forOneQuestion(location)) {
                assertThat(RepositorySchema.exists(second)).isTrue();
            }
        }
    }

    @Test
    void aLocationNeverShowsASecret() {
        RepositoryLocation location = new RepositoryLocation(
                "jdbc:postgresql://me:hush@db.example.com:5432/backfill?password=hush&ssl=true", "me", "hush");

        assertThat(location).hasToString("jdbc:postgresql://db.example.com:5432/backfill");
        assertThatThrownBy(() -> new RepositoryLocation("jdbc:mysql://me:hush@x/y", null, null))
                .hasMessageContaining("PostgreSQL database or an H2 file").hasMessageNotContaining("hush");
    }
}
