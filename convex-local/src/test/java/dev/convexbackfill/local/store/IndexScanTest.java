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
package dev.convexbackfill.local.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ValueOrder;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.store.RangeExpression.Comparison;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexScanTest {

    private static final List<String> FIELDS = List.of("a", "b.c", "_creationTime");
    private static final String SCHEMA = """
            {"schemaValidation":true,"tables":[{"tableName":"things","documentType":null,
             "indexes":[{"indexDescriptor":"by_a","fields":["a","b.c"]}]}]}""";

    private final Store store = Store.inMemory(Clock.systemUTC());
    private final Maintenance maintenance = Maintenance.start(store);
    private final SchemaPush schemas = new SchemaPush(store, maintenance, StopSignal.never());

    @AfterEach
    void close() {
        maintenance.close();
        store.close();
    }

    private DocumentTransaction begin() {
        return DocumentTransaction.begin(store, new TransactionUsage(TransactionLimits.NONE));
    }

    private static @Nullable ConvexValue value(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 8 : 10)) {
            case 0 -> null;
            case 1 -> ConvexNull.NULL;
            case 2 -> ConvexValue.int64(List.of(0L, 1L, -1L, Long.MIN_VALUE, 1L << 53).get(random.nextInt(5)));
            case 3 -> ConvexValue.number(List.of(0.0, -0.0, 1.0, -1.0, 0x1p53, Double.NaN, Double.NEGATIVE_INFINITY,
                    Double.longBitsToDouble(0xfff8000000000000L)).get(random.nextInt(8)));
            case 4 -> ConvexValue.of(random.nextBoolean());
            case 5, 6 -> ConvexValue.of(List.of("", "a", "a\u0000", "a\u0000b", "a\u0001", "ab", "é", "\uffff", "🗼",
                    "🗼a").get(random.nextInt(10)));
            case 7 -> {
                byte[] bytes = new byte[random.nextInt(3)];
                yield ConvexValue.of(bytes);
            }
            case 8 -> {
                List<ConvexValue> elements = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    ConvexValue element = value(random, depth - 1);
                    elements.add(element == null ? ConvexNull.NULL : element);
                }
                yield ConvexValue.array(elements);
            }
            default -> object(random, depth - 1, "c", "d");
        };
    }

    private static ConvexObject object(Random random, int depth, String... names) {
        ConvexObject.Builder object = ConvexObject.builder();
        for (String name : names) {
            ConvexValue value = value(random, depth);
            if (value != null) {
                object.put(name, value);
            }
        }
        return object.build();
    }

    private static ConvexObject document(Random random) {
        ConvexObject document = object(random, 2, "a");
        return random.nextInt(4) == 0 ? document : document.with("b", object(random, 2, "c", "x"));
    }

    private static @Nullable ConvexValue at(ConvexObject document, String path) {
        ConvexValue value = document;
        for (String name : path.split("\\.", -1)) {
            value = value instanceof ConvexObject object ? object.get(name) : null;
        }
        return value;
    }

    private static Comparator<ConvexObject> inOrderOfIndex() {
        return Comparator.comparing((ConvexObject document) -> at(document, "a"), ValueOrder.INSTANCE)
                .thenComparing(document -> at(document, "b.c"), ValueOrder.INSTANCE)
                .thenComparing(document -> at(document, "_creationTime"), ValueOrder.INSTANCE)
                .thenComparing(document -> at(document, "_id"), ValueOrder.INSTANCE);
    }

    private static boolean accepts(RangeExpression expression, ConvexObject document) {
        int order = ValueOrder.INSTANCE.compare(at(document, expression.fieldPath()), expression.value());
        return switch (expression.comparison()) {
            case EQ -> order == 0;
            case GT -> order > 0;
            case GTE -> order >= 0;
            case LT -> order < 0;
            case LTE -> order <= 0;
        };
    }

    private static List<RangeExpression> range(Random random, List<ConvexObject> documents) {
        List<RangeExpression> range = new ArrayList<>();
        int equal = random.nextInt(3);
        ConvexObject example = documents.get(random.nextInt(documents.size()));
        for (int i = 0; i < equal; i++) {
            range.add(new RangeExpression(Comparison.EQ, FIELDS.get(i), at(example, FIELDS.get(i))));
        }
        String next = FIELDS.get(equal);
        if (random.nextBoolean()) {
            ConvexValue bound = random.nextBoolean() ? at(example, next) : value(random, 2);
            range.add(new RangeExpression(random.nextBoolean() ? Comparison.GT : Comparison.GTE, next, bound));
        }
        if (random.nextBoolean()) {
            ConvexValue bound = random.nextBoolean() ? at(example, next) : value(random, 2);
            range.add(new RangeExpression(random.nextBoolean() ? Comparison.LT : Comparison.LTE, next, bound));
        }
        return range;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void findsWhatSortingAndFilteringFindsAlsoAmongOwnWrites(long seed) {
        Random random = new Random(seed);
        schemas.push(DatabaseSchema.fromExport(SCHEMA));
        List<String> ids = new ArrayList<>();
        try (DocumentTransaction transaction = begin()) {
            for (int i = 0; i < 150; i++) {
                ids.add(transaction.insert("things", document(random)).toString());
            }
            transaction.commit();
        }
        try (DocumentTransaction transaction = begin()) {
            for (int i = 0; i < 40; i++) {
                transaction.insert("things", document(random));
                transaction.replace(ids.get(40 + i), document(random));
                transaction.delete(ids.get(i));
            }
            List<ConvexObject> all = new ArrayList<>();
            transaction.scan("things", "by_id", IndexBounds.ALL, false, null)
                    .forEachRemaining(document -> all.add(document.value()));
            all.sort(inOrderOfIndex());
            for (int i = 0; i < 300; i++) {
                List<RangeExpression> range = range(random, all);
                List<ConvexObject> expected = new ArrayList<>(all.stream()
                        .filter(document -> range.stream().allMatch(expression -> accepts(expression, document)))
                        .toList());
                boolean reverse = random.nextBoolean();
                List<ConvexObject> found = scan(transaction, range, reverse, random.nextInt(1, 20));

                assertThat(found).as("%s", range).isEqualTo(reverse ? expected.reversed() : expected);
            }
        }
    }

    /** In pieces, each of which goes on where the last has ended. */
    private static List<ConvexObject> scan(DocumentTransaction transaction, List<RangeExpression> range,
            boolean reverse, int piece) {
        IndexBounds bounds = IndexRange.bounds("things.by_a", transaction.indexFields("things", "by_a"), range);
        List<ConvexObject> found = new ArrayList<>();
        byte[] after = null;
        while (true) {
            DocumentScan scan = transaction.scan("things", "by_a", bounds, reverse, after);
            for (int i = 0; i < piece; i++) {
                StoredDocument document = scan.next();
                if (document == null) {
                    return found;
                }
                found.add(document.value());
                after = scan.place();
            }
        }
    }

    @Test
    void aWriteIntoARangeThatWasFoundEmptyIsAConflict() {
        schemas.push(DatabaseSchema.fromExport(SCHEMA));
        IndexBounds ones = IndexRange.bounds("things.by_a", FIELDS,
                List.of(new RangeExpression(Comparison.EQ, "a", ConvexValue.number(1))));
        try (DocumentTransaction reader = begin();
                DocumentTransaction writer = begin();
                DocumentTransaction other = begin()) {
            assertThat(reader.scan("things", "by_a", ones, false, null).next()).isNull();
            reader.insert("results", ConvexObject.EMPTY);
            other.insert("things", ConvexObject.of("a", ConvexValue.number(2)));
            other.commit();
            writer.insert("things", ConvexObject.of("a", ConvexValue.number(1)));
            writer.commit();

            assertThatThrownBy(reader::commit).isInstanceOf(ConflictException.class);
        }
    }

    @Test
    void tellsIndexesThatCanNotBeQueriedApart() {
        schemas.push(DatabaseSchema.fromExport("""
                {"schemaValidation":true,"tables":[{"tableName":"things","documentType":null,"indexes":[],
                 "stagedDbIndexes":[{"indexDescriptor":"by_a","fields":["a"]}]}]}"""));
        try (DocumentTransaction transaction = begin()) {
            assertThatThrownBy(() -> transaction.scan("things", "by_a", IndexBounds.ALL, false, null)).hasMessage(
                    "Index things.by_a is currently staged and not available to query until it is enabled.");
            assertThatThrownBy(() -> transaction.scan("things", "by_z", IndexBounds.ALL, false, null))
                    .hasMessage("Index things.by_z not found.");
            assertThatThrownBy(() -> transaction.scan("gone", "by_a", IndexBounds.ALL, false, null))
                    .hasMessage("Index gone.by_a not found.");
            assertThatThrownBy(() -> transaction.indexFields("gone", "by_creation_time"))
                    .hasMessage("Index gone.by_creation_time not found.");
            assertThat(transaction.scan("gone", "by_creation_time", IndexBounds.ALL, false, null).next()).isNull();
        }
        maintenance.close();
        schemas.prepare(DatabaseSchema.fromExport(SCHEMA.replace("by_a", "by_both")));
        try (DocumentTransaction transaction = begin()) {
            assertThatThrownBy(() -> transaction.scan("things", "by_both", IndexBounds.ALL, false, null)).hasMessage(
                    "Index things.by_both is currently backfilling and not available to query yet.");
            assertThat(transaction.indexes()).extracting(IndexInfo::name, IndexInfo::state)
                    .containsExactly(tuple("by_both", IndexState.BACKFILLING));
        }
    }
}
