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
package com.example.lookup;

import dev.convexbackfill.testsupport.TestDatabase;
import dev.convexbackfill.testsupport.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** The other system's table, in a real PostgreSQL. */
final class Customers {

    private Customers() {}

    /** Customers user0@example.com and so on; each third has no country. */
    static TestDatabase create(String name, int count) throws SQLException {
        TestDatabase database = TestPostgres.shared().createDatabase(name);
        try (Connection connection = DriverManager.getConnection(database.url(), database.username(),
                database.password());
                Statement create = connection.createStatement()) {
            create.execute("create table customers (email text primary key, country text, orders bigint)");
            try (PreparedStatement insert = connection.prepareStatement("insert into customers values (?, ?, ?)")) {
                for (int i = 0; i < count; i++) {
                    insert.setString(1, "user" + i + "@example.com");
                    insert.setString(2, i % 3 == 0 ? null : "FR");
                    insert.setLong(3, i);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        }
        return database;
    }
}
