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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.plugin.TransformResult;
import dev.convexbackfill.testsupport.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresLookupTest {

    private static final ConvexObject COLUMNS = ConvexObject.of("country", ConvexValue.of("country"), "orders",
            ConvexValue.of("orders"));

    private final AtomicInteger connections = new AtomicInteger();
    private PostgresLookup lookup;

    @BeforeEach
    void open() throws SQLException {
        TestDatabase database = Customers.create("lookup_" + System.nanoTime(), 100);
        PGSimpleDataSource postgres = new PGSimpleDataSource();
        postgres.setUrl(database.url());
        postgres.setUser(database.username());
        postgres.setPassword(database.password());
        lookup = new PostgresLookup(LookupSettings.of(settings().build()), counted(postgres), () -> {});
    }

    @AfterEach
    void close() {
        lookup.close();
    }

    private static ConvexObject.Builder settings() {
        return ConvexObject.builder().put("url", "jdbc:postgresql://localhost/crm").put("table", "customers")
                .put("key", "email").put("field", "email").put("columns", COLUMNS);
    }

    /** Counts how often a connection is asked for. */
    private DataSource counted(DataSource real) {
        return (DataSource) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{DataSource.class},
                (_, method, args) -> {
                    connections.incrementAndGet();
                    try {
                        return method.invoke(real, args);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });
    }

    private static ConvexObject user(String email) {
        return ConvexObject.of("_id", ConvexValue.of("x"), "email", ConvexValue.of(email));
    }

    private static List<ConvexObject> users(int count) {
        return IntStream.range(0, count).mapToObj(i -> user("user" + i + "@example.com")).toList();
    }

    @Test
    void aChunkCostsOneStatement() throws SQLException {
        assertThat(lookup.transform(users(100))).hasSize(100).allMatch(TransformResult.Changed.class::isInstance);
        assertThat(connections).hasValue(1);
    }

    @Test
    void whatWasSeenLatelyIsNotLookedUpAgain() throws SQLException {
        lookup.transform(users(50));
        lookup.transform(List.of(user("nobody@example.com")));
        connections.set(0);

        lookup.transform(users(50));
        lookup.transform(List.of(user("nobody@example.com")));

        assertThat(connections).hasValue(0);
    }

    @Test
    void columnsBecomeFields() throws SQLException {
        assertThat(lookup.transform(users(2))).containsExactly(
                TransformResult.set(ConvexObject.of("country", ConvexNull.NULL, "orders", ConvexValue.int64(0))),
                TransformResult.set(ConvexObject.of("country", ConvexValue.of("FR"), "orders", ConvexValue.int64(1))));
    }

    @Test
    void aKeyThatIsUnknownIsRefusedAndOneThatIsMissingChangesNothing() throws SQLException {
        assertThat(lookup.transform(List.of(user("nobody@example.com"), ConvexObject.EMPTY,
                ConvexObject.of("email", ConvexValue.number(1))))).containsExactly(
                        TransformResult.refused("'customers' has no row for the 'email' of the document"),
                        TransformResult.unchanged(), TransformResult.refused("'email' is no text"));
    }

    @Test
    void settingsAreCheckedByName() {
        assertThatThrownBy(() -> LookupSettings.of(settings().put("tabel", "x").build()))
                .hasMessageContaining("no 'tabel'");
        assertThatThrownBy(() -> LookupSettings.of(settings().put("table", "x; drop table y").build()))
                .hasMessageContaining("with.table");
        assertThatThrownBy(() -> new PostgresLookupProvider()
                .open(settings().put("passwordFrom", "SURELY_NOT_SET").build())).hasMessageContaining("SURELY_NOT_SET");
    }
}
