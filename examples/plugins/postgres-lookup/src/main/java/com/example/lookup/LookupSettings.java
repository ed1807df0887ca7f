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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a step says under {@code with}.
 *
 * @param url          of JDBC
 * @param username     who connects; null if the URL says it
 * @param passwordFrom the environment variable with the password; null if there is none
 * @param table        where to look
 * @param key          its column that holds {@code field}
 * @param field        of the document
 * @param columns      what to take over: column names, and the fields that get their values
 */
record LookupSettings(String url, @Nullable String username, @Nullable String passwordFrom, String table, String key,
        String field, Map<String, String> columns) {

    private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]*");
    private static final List<String> KNOWN = List.of("url", "username", "passwordFrom", "table", "key", "field",
            "columns");

    /** Throws {@link IllegalArgumentException} that names the setting. */
    static LookupSettings of(ConvexObject with) {
        for (String name : with.names()) {
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException(
                        "with has no '%s'; there are %s".formatted(name, String.join(", ", KNOWN)));
            }
        }
        if (!(with.get("columns") instanceof ConvexObject wanted) || wanted.isEmpty()) {
            throw new IllegalArgumentException("with.columns must map columns to fields, such as { country: country }");
        }
        Map<String, String> columns = new LinkedHashMap<>();
        for (String column : wanted.names()) {
            columns.put(identifier("columns", column), text("columns." + column, wanted.get(column)));
        }
        return new LookupSettings(text("url", with.get("url")), with.optionalString("username"),
                with.optionalString("passwordFrom"), identifier("table", text("table", with.get("table"))),
                identifier("key", text("key", with.get("key"))), text("field", with.get("field")), columns);
    }

    private static String text(String name, @Nullable ConvexValue value) {
        if (value instanceof ConvexString(String text)) {
            return text;
        }
        throw new IllegalArgumentException("with.%s must be a text".formatted(name));
    }

    private static String identifier(String name, String text) {
        if (!IDENTIFIER.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "with.%s: '%s' must be lower-case letters, digits and underscores".formatted(name, text));
        }
        return text;
    }

    String sql() {
        return "select %s, %s from %s where %s = any (?)".formatted(key, String.join(", ", columns.keySet()), table,
                key);
    }
}
