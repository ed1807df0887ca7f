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
package dev.convexbackfill.job.reference;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a search is, and what it has found so far.
 *
 * @param holder  the text form of the process that does it; null if none does
 * @param silent  how long ago that one last said that it lives
 * @param endedAt null while it is not complete
 * @param tables  in the order of their names
 * @param fields  those in which there are references, in the order of their tables and names
 */
public record SearchState(@Nullable String holder, Duration silent, Instant beganAt, @Nullable Instant endedAt,
        List<Table> tables, List<Field> fields) {

    public SearchState {
        tables = List.copyOf(tables);
        fields = List.copyOf(fields);
    }

    /** What became of a table. */
    public enum TableState {
        /** Not read, or not to its end. */
        TO_READ,
        /** Read to its end. */
        READ,
        /** Not read: by the schema in force it can hold no such id. */
        EXEMPT
    }

    /**
     * A table.
     *
     * @param position  the last document that is accounted for; null before the first
     * @param documents how many were read
     */
    public record Table(String name, TableState state, @Nullable String position, long documents) {}

    /**
     * A place in the documents of a table.
     *
     * @param name       as in {@link FoundReference}
     * @param documents  how many hold references there
     * @param references how many there are
     */
    public record Field(String table, String name, long documents, long references) {}

    public boolean isComplete() {
        return endedAt != null;
    }

    /** Of all fields. */
    public long references() {
        return fields.stream().mapToLong(Field::references).sum();
    }

    /** Of all tables. */
    public long documentsRead() {
        return tables.stream().mapToLong(Table::documents).sum();
    }
}
