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

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.plugin.DocumentTransformer;
import dev.convexbackfill.plugin.TransformResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Looks up the keys of a whole chunk with one statement, and none that it has seen lately. */
final class PostgresLookup implements DocumentTransformer {

    private static final int MAX_CACHED = 100_000;
    private static final Duration CACHED_FOR = Duration.ofMinutes(10);
    private static final int QUERY_SECONDS = 10;

    private final LookupSettings settings;
    private final DataSource connections;
    private final Runnable onClose;
    /** By key; empty for one that the table does not have. */
    private final Cache<String, Optional<ConvexObject>> rows = Caffeine.newBuilder().maximumSize(MAX_CACHED)
            .expireAfterWrite(CACHED_FOR).build();

    PostgresLookup(LookupSettings settings, DataSource connections, Runnable onClose) {
        this.settings = settings;
        this.connections = connections;
        this.onClose = onClose;
    }

    @Override
    public Optional<Set<String>> fieldsRead() {
        return Optional.of(Set.of(settings.field()));
    }

    @Override
    public List<TransformResult> transform(List<ConvexObject> documents) throws SQLException {
        Set<String> keys = documents.stream().map(this::key).filter(Objects::nonNull).collect(Collectors.toSet());
        Map<String, Optional<ConvexObject>> found = new HashMap<>(rows.getAllPresent(keys));
        keys.removeAll(found.keySet());
        if (!keys.isEmpty()) {
            Map<String, Optional<ConvexObject>> read = read(keys);
            rows.putAll(read);
            found.putAll(read);
        }
        return documents.stream().map(document -> result(document, found)).toList();
    }

    private @Nullable String key(ConvexObject document) {
        return document.get(settings.field()) instanceof ConvexString(String text) ? text : null;
    }

    private TransformResult result(ConvexObject document, Map<String, Optional<ConvexObject>> found) {
        String key = key(document);
        if (key == null) {
            return document.has(settings.field())
                    ? TransformResult.refused("'%s' is no text".formatted(settings.field()))
                    : TransformResult.unchanged();
        }
        return found.getOrDefault(key, Optional.empty()).map(TransformResult::set)
                .orElseGet(() -> TransformResult.refused(
                        "'%s' has no row for the '%s' of the document".formatted(settings.table(), settings.field())));
    }

    private Map<String, Optional<ConvexObject>> read(Set<String> keys) throws SQLException {
        Map<String, Optional<ConvexObject>> read = new HashMap<>();
        keys.forEach(key -> read.put(key, Optional.empty()));
        try (Connection connection = connections.getConnection();
                PreparedStatement select = connection.prepareStatement(settings.sql())) {
            select.setQueryTimeout(QUERY_SECONDS);
            select.setArray(1, connection.createArrayOf("text", keys.toArray()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    read.put(row.getString(1), Optional.of(fields(row)));
                }
            }
        }
        return read;
    }

    private ConvexObject fields(ResultSet row) throws SQLException {
        ConvexObject.Builder fields = ConvexObject.builder();
        int column = 2;
        for (String field : settings.columns().values()) {
            fields.put(field, value(row.getObject(column++)));
        }
        return fields.build();
    }

    private static ConvexValue value(@Nullable Object value) {
        return switch (value) {
            case null -> ConvexNull.NULL;
            case Boolean truth -> ConvexValue.of(truth);
            case Long whole -> ConvexValue.int64(whole);
            case Number number -> ConvexValue.number(number.doubleValue());
            default -> ConvexValue.of(value.toString());
        };
    }

    @Override
    public void close() {
        onClose.run();
    }
}
