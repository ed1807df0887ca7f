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
package dev.convexbackfill.local.schema;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a schema says of one table. Lists are in the order of names.
 *
 * @param stagedIndexes indexes that are built and not yet used; so with the other staged ones
 * @param documentType  an object, a union of objects, or {@link Validator#ANY}, without Convex's own fields; null takes
 *                      anything
 */
public record TableSchema(String name, List<IndexSchema> indexes, List<IndexSchema> stagedIndexes,
        List<SearchIndexSchema> searchIndexes, List<SearchIndexSchema> stagedSearchIndexes,
        List<VectorIndexSchema> vectorIndexes, List<VectorIndexSchema> stagedVectorIndexes,
        @Nullable Validator documentType) {

    public TableSchema {
        indexes = byName(indexes, IndexSchema::name);
        stagedIndexes = byName(stagedIndexes, IndexSchema::name);
        searchIndexes = byName(searchIndexes, SearchIndexSchema::name);
        stagedSearchIndexes = byName(stagedSearchIndexes, SearchIndexSchema::name);
        vectorIndexes = byName(vectorIndexes, VectorIndexSchema::name);
        stagedVectorIndexes = byName(stagedVectorIndexes, VectorIndexSchema::name);
    }

    /** A table whose documents look like {@code documentType}, without indexes. */
    public static TableSchema of(String name, @Nullable Validator documentType) {
        return new TableSchema(name, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), documentType);
    }

    private static <T> List<T> byName(List<T> list, Function<T, String> name) {
        return list.stream().sorted(Comparator.comparing(name)).toList();
    }
}
