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

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.testsupport.JavaProcess;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether H2 keeps rows that nobody deletes, when a process that updates them all the time is killed again and again. Not among
 * the tests of every build: {@code build/h2-durability}.
 */
class H2Durability {

    private static final int KILLS = Integer.getInteger("durability.kills", 100);
    private static final int THREADS = 8;
    private static final int ROWS = 2 * THREADS;

    @TempDir
    private Path folder;

    @Test
    void noRowIsLost() throws SQLException {
        String url = RepositoryLocation.inFolder(folder).jdbcUrl();
        try (Connection connection = DriverManager.getConnection(url); Statement sql = connection.createStatement()) {
            sql.execute(
                    "create table ranges (run varchar(60), number int, fence bigint default 0, position varchar(40),"
                            + " primary key (run, number))");
            sql.execute(
                    "create table chunks (number int, sequence bigint, changes blob, primary key (number, sequence))");
            sql.execute("create table steps (id int primary key, status varchar(20), version bigint default 0)");
            for (int number = 0; number < ROWS; number++) {
                sql.execute("insert into ranges (run, number) values ('run', %d)".formatted(number));
                sql.execute("insert into steps (id) values (%d)".formatted(number));
            }
        }
        Random random = new Random();
        for (int kill = 1; kill <= KILLS; kill++) {
            try (JavaProcess writer = JavaProcess.start(H2Durability.class, List.of("-Xmx256m"), Map.of(), url)) {
                writer.awaitLine("writing"::equals);
                StopSignal.never().await(Duration.ofMillis(500 + random.nextInt(1500)));
                writer.kill();
            }
            int after = kill;
            // the lock file of the dead process has to become stale
            Awaitility.await().atMost(Duration.ofSeconds(30)).ignoreExceptionsInstanceOf(SQLException.class)
                    .untilAsserted(() -> requireAllRows(url, after));
        }
        System.out.printf("%d kills, and every row is there%n", KILLS);
    }

    private static void requireAllRows(String url, int kill) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url); Statement sql = connection.createStatement()) {
            assertThat(List.of(rows(sql, "ranges where run = 'run' order by number"),
                    rows(sql, "ranges where number + 0 >= 0"), rows(sql, "steps")))
                    .describedAs("rows by index, rows by scan, rows of the other table, after %d kills", kill)
                    .containsOnly(ROWS);
            sql.execute("delete from chunks");
        }
    }

    private static int rows(Statement sql, String from) throws SQLException {
        int rows = 0;
        try (ResultSet result = sql.executeQuery("select * from " + from)) {
            while (result.next()) {
                rows++;
            }
        }
        return rows;
    }

    /** Writes until it is killed. Argument: the URL. */
    public static void main(String[] args) throws InterruptedException {
        CountDownLatch writing = new CountDownLatch(THREADS);
        for (int thread = 0; thread < THREADS; thread++) {
            int number = thread;
            Thread.ofPlatform().start(() -> write(args[0], number, writing));
        }
        writing.await();
        System.out.println("writing");
    }

    private static void write(String url, int thread, CountDownLatch writing) {
        byte[] changes = new byte[20_000];
        new Random().nextBytes(changes);
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement range = connection
                        .prepareStatement("update ranges set fence = ?, position = ? where run = 'run' and number = ?");
                PreparedStatement chunk = connection.prepareStatement("insert into chunks values (?, ?, ?)");
                PreparedStatement step = connection
                        .prepareStatement("update steps set status = ?, version = version + 1 where id = ?")) {
            connection.setAutoCommit(false);
            for (long n = System.nanoTime();; n++) {
                int number = 2 * thread + (int) (n % 2);
                chunk.setInt(1, number);
                chunk.setLong(2, n);
                chunk.setBytes(3, changes);
                chunk.executeUpdate();
                connection.commit();
                range.setLong(1, n);
                range.setString(2, "at " + n);
                range.setInt(3, number);
                range.executeUpdate();
                connection.commit();
                step.setString(1, "" + n % 1000);
                step.setInt(2, number);
                step.executeUpdate();
                connection.commit();
                writing.countDown();
            }
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
