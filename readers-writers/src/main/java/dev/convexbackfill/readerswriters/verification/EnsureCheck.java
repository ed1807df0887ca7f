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
package dev.convexbackfill.readerswriters.verification;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.config.expression.ExpressionFailedException;
import dev.convexbackfill.config.plan.Ensure;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.FieldType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Holds documents against what a plan ensures, as far as one document tells. Thread-safe. */
public final class EnsureCheck {

    private final List<Ensure> ensures;
    private final SchemaCheck schema;
    private final References references;

    /** What a deployment's schema says of a document. Thread-safe. */
    public interface SchemaCheck {

        /** Why a document does not fit; null if it does. */
        @Nullable
        String problem(ConvexObject document);
    }

    /** Which documents a deployment has. Thread-safe. */
    public interface References {

        /** The number of a table, a part of its ids; -1 if the deployment has none of that name. */
        long tableNumber(String table);

        /** Those of {@code ids} whose documents exist. */
        Set<String> existing(Set<String> ids);
    }

    public EnsureCheck(List<Ensure> ensures, SchemaCheck schema, References references) {
        this.ensures = List.copyOf(ensures);
        this.schema = schema;
        this.references = references;
    }

    /** The fields in which no two documents may hold the same. */
    public List<FieldPath> uniqueFields() {
        List<FieldPath> fields = new ArrayList<>();
        ensures.forEach(ensure -> {
            if (ensure instanceof Ensure.Unique(FieldPath field)) {
                fields.add(field);
            }
        });
        return fields;
    }

    /** The fields that it looks at, without those within; null if it may be any. */
    public @Nullable Set<String> fields() {
        Set<String> fields = new TreeSet<>();
        for (Ensure ensure : ensures) {
            switch (ensure) {
                case Ensure.Present(List<FieldPath> present) -> present.forEach(field -> fields.add(field.root()));
                case Ensure.Absent(List<FieldPath> absent) -> absent.forEach(field -> fields.add(field.root()));
                case Ensure.OfType ofType -> ofType.types().keySet().forEach(field -> fields.add(field.root()));
                case Ensure.Unique(FieldPath field) -> fields.add(field.root());
                case Ensure.Refers refers -> fields.add(refers.field().root());
                case Ensure.Condition condition -> {
                    if (condition.expression().fields().isEmpty()) {
                        return null;
                    }
                    fields.addAll(condition.expression().fields().get());
                }
                case Ensure.MatchesSchema _ -> {
                    return null;
                }
            }
        }
        return fields;
    }

    /** True if nothing is ensured. */
    public boolean isEmpty() {
        return ensures.isEmpty();
    }

    /** What is wrong with some documents, which have their ids. */
    List<Mismatch> check(List<ConvexObject> documents) {
        List<Mismatch> wrong = new ArrayList<>();
        for (int number = 0; number < ensures.size(); number++) {
            Ensure ensure = ensures.get(number);
            String key = "ensure[%d].%s".formatted(number, ensure.key());
            if (ensure instanceof Ensure.Refers refers) {
                wrong.addAll(refers(key, refers, documents));
            } else {
                for (ConvexObject document : documents) {
                    wrong.addAll(check(key, ensure, document));
                }
            }
        }
        return wrong;
    }

    private List<Mismatch> check(String key, Ensure ensure, ConvexObject document) {
        return switch (ensure) {
            case Ensure.Present(List<FieldPath> fields) -> fields.stream().filter(field -> field.get(document) == null)
                    .map(field -> failed(key, document, field, "a value", "it is missing")).toList();
            case Ensure.Absent(List<FieldPath> fields) -> fields.stream().filter(field -> field.get(document) != null)
                    .map(field -> failed(key, document, field, "missing", "it is there")).toList();
            case Ensure.OfType(Map<FieldPath, FieldType> types) -> types(key, types, document);
            case Ensure.Condition condition -> condition(key, condition, document);
            case Ensure.MatchesSchema _ -> {
                String problem = schema.problem(document);
                yield problem == null ? List.of()
                        : List.of(new Mismatch(document.string("_id"), MismatchKind.ENSURE_FAILED, null, "the schema",
                                null, key + ": " + problem, null, null));
            }
            case Ensure.Unique _ -> List.of();
            case Ensure.Refers _ -> List.of();
        };
    }

    private static List<Mismatch> types(String key, Map<FieldPath, FieldType> types, ConvexObject document) {
        List<Mismatch> wrong = new ArrayList<>();
        types.forEach((field, type) -> {
            ConvexValue value = field.get(document);
            if (value != null && FieldType.of(value) != type) {
                wrong.add(failed(key, document, field, type.text(), "it holds " + FieldType.of(value).text()));
            }
        });
        return wrong;
    }

    private static List<Mismatch> condition(String key, Ensure.Condition condition, ConvexObject document) {
        String found;
        try {
            if (condition.expression().isTrueOf(document)) {
                return List.of();
            }
            found = "false";
        } catch (ExpressionFailedException failed) {
            found = String.valueOf(failed.getMessage());
        }
        return List.of(new Mismatch(document.string("_id"), MismatchKind.ENSURE_FAILED, null,
                condition.expression().toString(), found, key + ": it is not true of the document", null, null));
    }

    private static Mismatch failed(String key, ConvexObject document, FieldPath field, String expected, String why) {
        return new Mismatch(document.string("_id"), MismatchKind.ENSURE_FAILED, field.toString(), expected,
                Mismatch.text(field.get(document)), "%s: '%s': %s".formatted(key, field, why), null, null);
    }

    private List<Mismatch> refers(String key, Ensure.Refers refers, List<ConvexObject> documents) {
        Set<String> wanted = new HashSet<>();
        long table = references.tableNumber(refers.table());
        documents.forEach(document -> ids(refers.field().get(document)).forEach(id -> {
            if (isOfTable(id, table)) {
                wanted.add(((ConvexString) id).value());
            }
        }));
        Set<String> existing = wanted.isEmpty() ? Set.of() : references.existing(wanted);
        List<Mismatch> wrong = new ArrayList<>();
        for (ConvexObject document : documents) {
            for (ConvexValue id : ids(refers.field().get(document))) {
                if (!isOfTable(id, table)) {
                    wrong.add(new Mismatch(document.string("_id"), MismatchKind.ENSURE_FAILED,
                            refers.field().toString(), "an id of '%s'".formatted(refers.table()), Mismatch.text(id),
                            "%s: '%s' holds no id of a document in '%s'".formatted(key, refers.field(),
                                    refers.table()),
                            null, null));
                } else if (!existing.contains(((ConvexString) id).value())) {
                    wrong.add(new Mismatch(document.string("_id"), MismatchKind.ENSURE_FAILED,
                            refers.field().toString(), "a document of '%s'".formatted(refers.table()),
                            Mismatch.text(id),
                            "%s: '%s' refers to a document that does not exist".formatted(key, refers.field()), null,
                            null));
                }
            }
        }
        return wrong;
    }

    private static List<ConvexValue> ids(@Nullable ConvexValue value) {
        return switch (value) {
            case null -> List.of();
            case ConvexNull _ -> List.of();
            case ConvexArray array -> array.values();
            default -> List.of(value);
        };
    }

    private static boolean isOfTable(ConvexValue id, long table) {
        return id instanceof ConvexString(String text) && DocumentId.isValid(text)
                && DocumentId.parse(text).tableNumber() == table;
    }
}
