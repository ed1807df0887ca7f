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

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.plugin.DocumentTransformer;
import dev.convexbackfill.plugin.TransformerProvider;
import org.postgresql.ds.PGSimpleDataSource;

/** {@code - java: { plugin: postgres-lookup, with: { … } }}. */
public final class PostgresLookupProvider implements TransformerProvider {

    private static final int CONNECTIONS = 8;
    private static final long CONNECT_MILLIS = 5_000;
    private static final int ANSWER_SECONDS = 10;

    @Override
    public String name() {
        return "postgres-lookup";
    }

    @Override
    public DocumentTransformer open(ConvexObject settings) {
        LookupSettings lookup = LookupSettings.of(settings);
        HikariDataSource connections = new HikariDataSource(pool(lookup));
        return new PostgresLookup(lookup, connections, connections::close);
    }

    private static HikariConfig pool(LookupSettings lookup) {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(lookup.url());
        database.setSocketTimeout(ANSWER_SECONDS);
        HikariConfig pool = new HikariConfig();
        pool.setDataSource(database);
        pool.setUsername(lookup.username());
        if (lookup.passwordFrom() != null) {
            String password = System.getenv(lookup.passwordFrom());
            if (password == null) {
                throw new IllegalArgumentException(
                        "the environment variable '%s' is not set".formatted(lookup.passwordFrom()));
            }
            pool.setPassword(password);
        }
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setConnectionTimeout(CONNECT_MILLIS);
        pool.setReadOnly(true);
        return pool;
    }
}
