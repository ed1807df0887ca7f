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

import dev.convexbackfill.client.value.FieldName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What Convex refuses in the indexes of a schema. Source: {@code crates/common/src/schemas/json.rs} and
 * {@code crates/common/src/bootstrap_model/index/index_validation_error.rs} of the Convex backend.
 */
final class IndexRules {

    /** As documented; the source of the backend has 64. */
    private static final int MAX_INDEXES = 32;
    /** Source: {@code MAX_INDEX_FIELDS_SIZE}; it counts {@code _creationTime}. */
    private static final int MAX_FIELDS = 16;
    private static final int MAX_FILTER_FIELDS = 16;

    private IndexRules() {}

    static String requireName(String name) {
        if (!FieldName.isIdentifier(name)) {
            throw new InvalidSchemaException("InvalidIndexName",
                    ("Invalid index name: \"%s\". Identifiers must be 64 characters or less, start with a letter, and"
                            + " only contain letters, digits, underscores.").formatted(name));
        }
        return name;
    }

    static String requirePath(String index, String path) {
        for (String name : path.split("\\.", -1)) {
            if (!FieldName.isIdentifier(name)) {
                throw new InvalidSchemaException("InvalidIndexField",
                        "In index \"%s\": Invalid index field: \"%s\"".formatted(index, path));
            }
        }
        return path;
    }

    /** Of a database index, with {@code _creationTime}. */
    static void requireFields(String index, List<String> fields) {
        if (fields.size() > MAX_FIELDS) {
            throw new InvalidSchemaException("IndexTooManyFields",
                    "In index \"%s\": Indexes may have up to %d fields.".formatted(index, MAX_FIELDS));
        }
        if (fields.contains(FieldName.ID)) {
            throw new InvalidSchemaException("IndexFieldsContainId",
                    ("In index \"%s\": `_id` is not a valid index field."
                            + " To load documents by ID, use `db.get(id)`.").formatted(index));
        }
        Set<String> seen = new HashSet<>();
        for (String field : fields) {
            if (!seen.add(field)) {
                throw new InvalidSchemaException("FieldsNotUniqueWithinIndex",
                        "In index \"%s\": Duplicate field \"%s\". Index fields must be unique within an index."
                                .formatted(index, field));
            }
        }
    }

    /** What a developer may not write, because Convex adds it or keeps it to itself. */
    static void requireFieldsOfDeveloper(List<String> fields) {
        if (fields.contains(FieldName.CREATION_TIME)) {
            throw new InvalidSchemaException("IndexFieldsContainCreationTime",
                    "`_creationTime` is automatically added to the end of each index. It should not be added explicitly in"
                            + " the index definition. See https://docs.convex.dev/using/indexes for more details.");
        }
        boolean isReserved = fields.stream().filter(field -> !field.equals(FieldName.ID))
                .flatMap(field -> Stream.of(field.split("\\.", -1))).anyMatch(name -> name.startsWith("_"));
        if (isReserved) {
            throw new InvalidSchemaException("IndexFieldNameReserved",
                    "Reserved fields (starting with `_`) are not allowed in indexes.");
        }
    }

    /** Everything that concerns a whole table. */
    static void require(TableSchema table) {
        List<String> names = Stream.of(
                Stream.concat(table.indexes().stream(), table.stagedIndexes().stream()).map(IndexSchema::name),
                search(table).map(SearchIndexSchema::name), vector(table).map(VectorIndexSchema::name))
                .flatMap(Function.identity()).toList();
        if (names.size() > MAX_INDEXES) {
            throw new InvalidSchemaException("TooManyIndexes",
                    "Table \"%s\" cannot have more than %d indexes.".formatted(table.name(), MAX_INDEXES));
        }
        requireSomeFields(table, table.indexes(), "");
        requireSomeFields(table, table.stagedIndexes(), "staged ");
        requireUniqueFields(database(table), IndexSchema::name, IndexSchema::fields,
                (one, other) -> new InvalidSchemaException("IndexNotUnique",
                        ("In table \"%s\" index \"%s\" and index \"%s\" have the same fields. Indexes must be unique"
                                + " within a table.").formatted(table.name(), one, other)));
        requireUniqueFields(search(table), SearchIndexSchema::name,
                index -> List.of(index.searchField(), index.filterFields()),
                (one, other) -> new InvalidSchemaException("SearchIndexFieldNotUnique",
                        ("In table \"%s\" search index \"%s\" and search index \"%s\" have the same `searchField`."
                                + " Search index fields must be unique within a table.").formatted(table.name(), one,
                                        other)));
        requireUniqueFields(vector(table), VectorIndexSchema::name,
                index -> List.of(index.vectorField(), index.dimensions()),
                (one, other) -> new InvalidSchemaException("VectorIndexFieldNotUnique",
                        ("In table \"%s\" vector index \"%s\" and vector index \"%s\" have the same `vectorField`."
                                + " Vector index fields must be unique within a table.").formatted(table.name(), one,
                                        other)));
        requireFewFilters(table);
        requireUniqueNames(table, names);
    }

    private static Stream<IndexSchema> database(TableSchema table) {
        return Stream.concat(table.indexes().stream(), table.stagedIndexes().stream());
    }

    private static Stream<SearchIndexSchema> search(TableSchema table) {
        return Stream.concat(table.searchIndexes().stream(), table.stagedSearchIndexes().stream());
    }

    private static Stream<VectorIndexSchema> vector(TableSchema table) {
        return Stream.concat(table.vectorIndexes().stream(), table.stagedVectorIndexes().stream());
    }

    private static void requireSomeFields(TableSchema table, List<IndexSchema> indexes, String kind) {
        for (IndexSchema index : indexes) {
            if (index.fields().isEmpty()) {
                throw new InvalidSchemaException("EmptyIndex",
                        "In table \"%s\" %sindex \"%s\" must have at least one field."
                                .formatted(table.name(), kind, index.name()));
            }
        }
    }

    private static <T> void requireUniqueFields(Stream<T> indexes, Function<T, String> name, Function<T, Object> fields,
            BiFunction<String, String, InvalidSchemaException> refusal) {
        Map<Object, String> seen = new HashMap<>();
        indexes.forEach(index -> {
            String other = seen.put(fields.apply(index), name.apply(index));
            if (other != null) {
                throw refusal.apply(name.apply(index), other);
            }
        });
    }

    private static void requireFewFilters(TableSchema table) {
        boolean tooMany = search(table).anyMatch(index -> index.filterFields().size() > MAX_FILTER_FIELDS)
                || vector(table).anyMatch(index -> index.filterFields().size() > MAX_FILTER_FIELDS);
        if (tooMany) {
            throw new InvalidSchemaException("IndexTooManyFilterFields",
                    "In table \"%s\": Search indexes may have up to %d filter fields.".formatted(table.name(),
                            MAX_FILTER_FIELDS));
        }
    }

    private static void requireUniqueNames(TableSchema table, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.startsWith("_") || name.equals("by_id") || name.equals("by_creation_time")) {
                throw new InvalidSchemaException("IndexNameReserved",
                        ("In table \"%s\" cannot name an index \"%s\" because the name is reserved. Indexes may not start"
                                + " with an underscore or be named \"by_id\" or \"by_creation_time\".").formatted(
                                        table.name(), name));
            }
            if (!seen.add(name)) {
                throw new InvalidSchemaException("IndexNamesNotUnique",
                        "Table \"%s\" has two or more definitions of index \"%s\".".formatted(table.name(), name));
            }
        }
    }

    /** Every field of an index must be one that the documents can have. */
    static void requireFieldsThatExist(TableSchema table) {
        Validator type = table.documentType();
        if (type == null) {
            return;
        }
        database(table).forEach(index -> index.fields().forEach(field -> requireField(table, index.name(), field)));
        search(table).forEach(index -> {
            requireField(table, index.name(), index.searchField());
            index.filterFields().forEach(field -> requireField(table, index.name(), field));
        });
        vector(table).forEach(index -> requireField(table, index.name(), index.vectorField()));
    }

    private static void requireField(TableSchema table, String index, String field) {
        Validator type = table.documentType();
        if (type != null && !FieldName.isSystem(field) && !canContain(type, List.of(field.split("\\.", -1)))) {
            throw new InvalidSchemaException("SchemaDefinitionError",
                    ("In table \"%s\" the index \"%s\" is invalid because it references the field \"%s\" that does not"
                            + " exist.").formatted(table.name(), index, field));
        }
    }

    /** True if a value that fits may have the field at {@code path}, one name for each level. */
    private static boolean canContain(Validator validator, List<String> path) {
        if (path.isEmpty()) {
            return true;
        }
        List<String> rest = path.subList(1, path.size());
        return switch (validator) {
            case Validator.Scalar scalar -> scalar == Validator.ANY;
            case Validator.Literal _,Validator.Id _,Validator.ArrayOf _ -> false;
            case Validator.RecordOf record -> canContain(record.values(), rest);
            case Validator.Union union -> union.members().stream().anyMatch(member -> canContain(member, path));
            case Validator.ObjectOf object -> {
                Validator.ObjectOf.Field field = object.fields().get(path.getFirst());
                yield field != null && canContain(field.type(), rest);
            }
        };
    }
}
