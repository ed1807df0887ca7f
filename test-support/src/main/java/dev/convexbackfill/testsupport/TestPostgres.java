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
package dev.convexbackfill.testsupport;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** A PostgreSQL server: in a container where a Docker engine answers, else from binaries that Maven brings. */
public abstract sealed class TestPostgres implements AutoCloseable {

    private static final class Shared {

        private static final TestPostgres SERVER = start();

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close));
        }
    }

    /** The server that the tests of this process share. */
    public static TestPostgres shared() {
        return Shared.SERVER;
    }

    private static TestPostgres start() {
        return DockerClientFactory.instance().isDockerAvailable() ? new InContainer() : embedded(null, 0);
    }

    /** A server of the caller's own, whose data stay in {@code data}, to be stopped and started again; port 0 is any. */
    public static TestPostgres embedded(@Nullable Path data, int port) {
        try {
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(60))
                    .setServerConfig("max_connections", "300");
            if (data != null) {
                builder.setDataDirectory(data).setCleanDataDirectory(false);
            }
            if (port != 0) {
                builder.setPort(port);
            }
            return new FromBinaries(builder.start());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Where a database of this server is. */
    protected abstract TestDatabase database(String name);

    /** Where it listens. */
    public abstract int port();

    /** The database that every server has. */
    public TestDatabase defaultDatabase() {
        return database("postgres");
    }

    /** Makes an empty database. */
    public TestDatabase createDatabase(String name) {
        TestDatabase admin = defaultDatabase();
        try (Connection connection = DriverManager.getConnection(admin.url(), admin.username(), admin.password());
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
        return database(name);
    }

    @Override
    public abstract void close();

    private static final class FromBinaries extends TestPostgres {

        private final EmbeddedPostgres server;

        FromBinaries(EmbeddedPostgres server) {
            this.server = server;
        }

        @Override
        protected TestDatabase database(String name) {
            return new TestDatabase("jdbc:postgresql://127.0.0.1:%d/%s".formatted(port(), name), "postgres",
                    "postgres");
        }

        @Override
        public int port() {
            return server.getPort();
        }

        @Override
        public void close() {
            try {
                server.close();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    private static final class InContainer extends TestPostgres {

        private final PostgreSQLContainer container = new PostgreSQLContainer("postgres:17-alpine");

        InContainer() {
            container.withDatabaseName("postgres").withCommand("postgres", "-c", "max_connections=300").start();
        }

        @Override
        protected TestDatabase database(String name) {
            return new TestDatabase("jdbc:postgresql://%s:%d/%s".formatted(container.getHost(), port(), name),
                    container.getUsername(), container.getPassword());
        }

        @Override
        public int port() {
            return container.getFirstMappedPort();
        }

        @Override
        public void close() {
            container.stop();
        }
    }
}
