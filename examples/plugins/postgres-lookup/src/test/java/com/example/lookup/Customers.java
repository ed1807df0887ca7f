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
