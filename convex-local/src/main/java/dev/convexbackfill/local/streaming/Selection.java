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
package dev.convexbackfill.local.streaming;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which tables and columns to export. A local deployment has only the app itself, which Convex calls the component {@code ""}.
 * Source: {@code crates/common/src/types/streaming_export} of the Convex backend.
 *
 * @param tables      by name; tables that are not listed are exported if {@code otherTables} is true
 */
public record Selection(Map<String, Columns> tables, boolean otherTables) {

    private static final String APP = "";
    private static final String OTHER = "_other";

    /** All tables and all columns. */
    public static final Selection EVERYTHING = new Selection(Map.of(), true);
    private static final Selection NOTHING = new Selection(Map.of(), false);

    public Selection {
        tables = Map.copyOf(tables);
    }

    /**
     * Which columns of a table to export.
     *
     * @param isExcluded true if the table is not exported at all
     * @param listed     whether to export a column; those that are not listed are if {@code others} is true
     */
    public record Columns(boolean isExcluded, Map<String, Boolean> listed, boolean others) {

        static final Columns ALL = new Columns(false, Map.of(), true);
        static final Columns NONE = new Columns(true, Map.of(), false);

        public Columns {
            listed = Map.copyOf(listed);
        }

        private boolean includes(String column) {
            return listed.getOrDefault(column, others);
        }

        ConvexObject of(ConvexObject document) {
            ConvexObject selected = document;
            for (String column : document.names()) {
                if (!includes(column)) {
                    selected = selected.without(column);
                }
            }
            return selected;
        }
    }

    boolean includes(String table) {
        return !columns(table).isExcluded();
    }

    Columns columns(String table) {
        return tables.getOrDefault(table, otherTables ? Columns.ALL : Columns.NONE);
    }

    /**
     * As list_snapshot and document_deltas take it: {@code selection}, or else a table, or else a component, or else
     * everything. As in Convex, what is not understood selects <em>everything</em>.
     */
    public static Selection lenient(ConvexObject arguments) {
        ConvexValue selection = arguments.get("selection");
        if (selection != null) {
            Selection parsed = parse(selection);
            if (parsed != null) {
                return parsed.requireIds();
            }
        }
        String table = text(arguments.get(arguments.has("table_name") ? "table_name" : "tableName"));
        String component = text(arguments.get("component"));
        if (table != null) {
            return component == null || component.equals(APP) ? new Selection(Map.of(table, Columns.ALL), false)
                    : NOTHING;
        }
        if (component != null) {
            return component.equals(APP) ? EVERYTHING : NOTHING;
        }
        return EVERYTHING;
    }

    /** As data sync takes it; null selects everything. Refuses what is not understood. */
    public static Selection strict(@Nullable ConvexValue selection) {
        if (selection == null || selection == dev.convexbackfill.client.value.ConvexNull.NULL) {
            return EVERYTHING;
        }
        Selection parsed = parse(selection);
        if (parsed == null) {
            throw invalid("it does not have the form of a selection");
        }
        return parsed.requireIds();
    }

    private static StreamingRefusedException invalid(String why) {
        return new StreamingRefusedException("InvalidDataSyncSelection", "Invalid selection: " + why);
    }

    private Selection requireIds() {
        tables.forEach((name, columns) -> {
            if (!FieldName.isIdentifier(name)) {
                throw invalid("'%s' is no name of a table".formatted(name));
            }
            if (!columns.isExcluded() && !columns.includes(FieldName.ID)) {
                throw invalid("`_id` must be included in the column selection");
            }
        });
        return this;
    }

    private static @Nullable String text(@Nullable ConvexValue value) {
        return value instanceof ConvexString(String text) ? text : null;
    }

    /** Null for what is no selection. */
    private static @Nullable Selection parse(ConvexValue value) {
        Boolean otherComponents = inclusion(value);
        if (otherComponents == null || !(value instanceof ConvexObject components)) {
            return null;
        }
        for (String name : components.names()) {
            if (!name.equals(OTHER) && !isExcluded(components.require(name))
                    && parseTables(components.require(name)) == null) {
                return null;
            }
        }
        ConvexValue app = components.get(APP);
        if (app == null) {
            return otherComponents ? EVERYTHING : NOTHING;
        }
        return isExcluded(app) ? NOTHING : parseTables(app);
    }

    private static @Nullable Selection parseTables(ConvexValue value) {
        Boolean otherTables = inclusion(value);
        if (otherTables == null || !(value instanceof ConvexObject tables)) {
            return null;
        }
        Map<String, Columns> parsed = new HashMap<>();
        for (String name : tables.names()) {
            if (!name.equals(OTHER)) {
                Columns columns = isExcluded(tables.require(name)) ? Columns.NONE : parseColumns(tables.require(name));
                if (columns == null) {
                    return null;
                }
                parsed.put(name, columns);
            }
        }
        return new Selection(parsed, otherTables);
    }

    private static @Nullable Columns parseColumns(ConvexValue value) {
        Boolean others = inclusion(value);
        if (others == null || !(value instanceof ConvexObject columns)) {
            return null;
        }
        Map<String, Boolean> parsed = new HashMap<>();
        for (String name : columns.names()) {
            Boolean included = isIncluded(columns.require(name));
            if (included == null) {
                return null;
            }
            if (!name.equals(OTHER)) {
                parsed.put(name, included);
            }
        }
        return new Columns(false, parsed, others);
    }

    private static @Nullable Boolean inclusion(ConvexValue value) {
        return value instanceof ConvexObject object ? isIncluded(object.get(OTHER)) : null;
    }

    private static @Nullable Boolean isIncluded(@Nullable ConvexValue value) {
        return switch (text(value)) {
            case "included", "incl" -> true;
            case "excluded", "excl" -> false;
            case null, default -> null;
        };
    }

    private static boolean isExcluded(ConvexValue value) {
        return Boolean.FALSE.equals(isIncluded(value));
    }
}
