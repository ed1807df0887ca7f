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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.local.limits.LimitExceededException;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.IndexBounds.Bound;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DocumentTransactionTest {

    private final Store store = Store.inMemory(Clock.systemUTC());

    @AfterEach
    void close() {
        store.close();
    }

    private DocumentTransaction begin() {
        return DocumentTransaction.begin(store, new TransactionUsage(TransactionLimits.CONVEX), DocumentSchema.NONE);
    }

    private static ConvexObject fields(String name, double value) {
        return ConvexObject.of(name, ConvexValue.number(value));
    }

    private String insert(String table, ConvexObject fields) {
        try (DocumentTransaction transaction = begin()) {
            String id = transaction.insert(table, fields).toString();
            transaction.commit();
            return id;
        }
    }

    private @Nullable ConvexObject read(String id) {
        try (DocumentTransaction transaction = begin()) {
            StoredDocument document = transaction.get(id);
            return document == null ? null : document.value().without("_id").without("_creationTime");
        }
    }

    private static List<String> ids(DocumentTransaction transaction, String index, IndexBounds bounds,
            boolean reverse) {
        List<String> ids = new ArrayList<>();
        transaction.scan("users", index, bounds, reverse, null).forEachRemaining(document -> ids.add(document.id()));
        return ids;
    }

    @Test
    void idsAreRealAndLieEvenlyOverTheIdSpace() {
        List<DocumentId> ids = new ArrayList<>();
        try (DocumentTransaction transaction = begin()) {
            for (int i = 0; i < 1000; i++) {
                ids.add(transaction.insert("users", fields("n", i)));
            }
        }
        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.tableNumber() == 10_001);
        assertThat(ids.stream().filter(id -> id.internal()[0] < 0)).hasSizeBetween(400, 600);
        assertThat(ids).isNotEqualTo(ids.stream().sorted().toList());
    }

    @Test
    void everyTableHasItsOwnNumber() {
        DocumentId first = DocumentId.parse(insert("users", fields("n", 1)));
        DocumentId second = DocumentId.parse(insert("posts", fields("n", 1)));

        assertThat(second.tableNumber()).isEqualTo(first.tableNumber() + 1);
        try (DocumentTransaction transaction = begin()) {
            assertThat(transaction.tableNumbers()).isEqualTo(Map.of("users", 10_001L, "posts", 10_002L));
            assertThat(transaction.normalizeId("users", first.toString())).isEqualTo(first);
            assertThat(transaction.normalizeId("users", second.toString())).isNull();
        }
    }

    @Test
    void creationTimesGrowWithinATransaction() {
        try (DocumentTransaction transaction = begin()) {
            double previous = 0;
            for (int i = 0; i < 10; i++) {
                String id = transaction.insert("users", fields("n", i)).toString();
                StoredDocument document = transaction.get(id);
                assertThat(document).isNotNull();
                double time = document.value().number("_creationTime");
                assertThat(time).isGreaterThan(previous);
                previous = time;
            }
        }
    }

    @Test
    void patchSetsAndRemovesReplaceKeepsOnlyIdAndTime() {
        String id = insert("users", ConvexObject.of("a", ConvexValue.number(1), "b", ConvexValue.number(2)));
        try (DocumentTransaction transaction = begin()) {
            Map<String, @Nullable ConvexValue> change = new HashMap<>();
            change.put("a", ConvexValue.of("x"));
            change.put("b", null);
            transaction.patch(id, change);
            transaction.commit();
        }
        assertThat(read(id)).isEqualTo(ConvexObject.of("a", ConvexValue.of("x")));
        try (DocumentTransaction transaction = begin()) {
            transaction.replace(id, fields("c", 3));
            transaction.commit();
        }
        assertThat(read(id)).isEqualTo(fields("c", 3));
        try (DocumentTransaction transaction = begin()) {
            transaction.delete(id);
            transaction.commit();
        }
        assertThat(read(id)).isNull();
    }

    @Test
    void whatWasNotCommittedIsGone() {
        String id = insert("users", fields("n", 1));
        try (DocumentTransaction transaction = begin()) {
            transaction.patch(id, Map.of("n", ConvexValue.number(2)));
        }
        assertThat(read(id)).isEqualTo(fields("n", 1));
    }

    @Test
    void aTransactionSeesItsOwnWritesAlsoInIndexes() {
        String committed = insert("users", fields("n", 1));
        try (DocumentTransaction transaction = begin()) {
            String own = transaction.insert("users", fields("n", 2)).toString();
            List<String> both = new ArrayList<>(List.of(committed, own));
            assertThat(ids(transaction, "by_creation_time", IndexBounds.ALL, false)).isEqualTo(both);
            Collections.reverse(both);
            assertThat(ids(transaction, "by_creation_time", IndexBounds.ALL, true)).isEqualTo(both);
            Collections.sort(both);
            assertThat(ids(transaction, "by_id", IndexBounds.ALL, false)).isEqualTo(both);
            transaction.delete(committed);
            assertThat(ids(transaction, "by_id", IndexBounds.ALL, false)).containsExactly(own);
        }
    }

    @Test
    void scansOfAnIdRangeHonourBothBoundsInBothDirections() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(insert("users", fields("n", i)));
        }
        Collections.sort(all);
        try (DocumentTransaction transaction = begin()) {
            IndexBounds some = new IndexBounds(List.of(), new Bound(ConvexValue.of(all.get(3)), false),
                    new Bound(ConvexValue.of(all.get(15)), true));
            List<String> expected = all.subList(4, 16);
            assertThat(ids(transaction, "by_id", some, false)).isEqualTo(expected);
            assertThat(ids(transaction, "by_id", some, true)).isEqualTo(expected.reversed());
            IndexBounds none = new IndexBounds(List.of(), new Bound(ConvexValue.of(all.get(3)), false),
                    new Bound(ConvexValue.of(all.get(4)), false));
            assertThat(ids(transaction, "by_id", none, false)).isEmpty();
        }
    }

    @Test
    void aWriteIntoWhatWasReadIsAConflict() {
        String id = insert("users", fields("n", 1));
        try (DocumentTransaction late = begin()) {
            late.get(id);
            late.insert("log", fields("n", 1));
            try (DocumentTransaction early = begin()) {
                early.patch(id, Map.of("other", ConvexValue.number(2)));
                early.commit();
            }
            assertThatThrownBy(late::commit).isInstanceOf(ConflictException.class);
        }
        try (DocumentTransaction transaction = begin()) {
            assertThat(transaction.count("log")).isZero();
        }
    }

    @Test
    void anInsertIntoARangeThatWasReadAsEmptyIsAConflict() {
        insert("users", fields("n", 1));
        try (DocumentTransaction late = begin()) {
            IndexBounds future = new IndexBounds(List.of(), new Bound(ConvexValue.number(1e15), true), null);
            assertThat(ids(late, "by_creation_time", future, false)).isEmpty();
            late.insert("log", fields("n", 1));
            insert("users", fields("n", 2));
            late.commit();
        }
        try (DocumentTransaction late = begin()) {
            assertThat(ids(late, "by_creation_time", IndexBounds.ALL, false)).hasSize(2);
            late.insert("log", fields("n", 1));
            insert("users", fields("n", 3));
            assertThatThrownBy(late::commit).isInstanceOf(ConflictException.class);
        }
    }

    @Test
    void writesOfOtherDocumentsAreNoConflict() {
        String one = insert("users", fields("n", 1));
        String other = insert("users", fields("n", 1));
        try (DocumentTransaction left = begin(); DocumentTransaction right = begin()) {
            left.patch(one, Map.of("n", ConvexValue.number(2)));
            right.patch(other, Map.of("n", ConvexValue.number(3)));
            left.commit();
            right.commit();
        }
        assertThat(read(one)).isEqualTo(fields("n", 2));
        assertThat(read(other)).isEqualTo(fields("n", 3));
    }

    @Test
    void twoTransactionsThatMakeTheSameTableDoNotBothCommit() {
        try (DocumentTransaction left = begin(); DocumentTransaction right = begin()) {
            left.insert("users", fields("n", 1));
            right.insert("users", fields("n", 2));
            left.commit();
            assertThatThrownBy(right::commit).isInstanceOf(ConflictException.class);
        }
    }

    @Test
    void aReaderKeepsItsSnapshotWhileOthersCommit() {
        String id = insert("users", fields("n", 1));
        try (DocumentTransaction reader = begin()) {
            try (DocumentTransaction writer = begin()) {
                writer.patch(id, Map.of("n", ConvexValue.number(2)));
                writer.commit();
            }
            StoredDocument seen = reader.get(id);
            assertThat(seen).isNotNull();
            assertThat(seen.value().number("n")).isEqualTo(1);
        }
    }

    @Test
    void refusesWhatConvexRefuses() {
        String id = insert("users", fields("n", 1));
        try (DocumentTransaction transaction = begin()) {
            assertThatThrownBy(() -> transaction.get("nonsense")).hasMessageContaining("Unable to decode ID");
            assertThatThrownBy(() -> transaction.insert("_users", ConvexObject.EMPTY))
                    .hasMessageContaining("table name");
            assertThatThrownBy(() -> transaction.insert("users", fields("_id", 1))).hasMessageContaining("`_id`");
            assertThatThrownBy(() -> transaction.insert("users", fields("_own", 1))).hasMessageContaining("_own");
            assertThatThrownBy(() -> transaction.patch(id, Map.of("_id", ConvexValue.of("x"))))
                    .hasMessageContaining("`_id`");
            assertThatThrownBy(
                    () -> transaction.insert("users", ConvexObject.of("x", ConvexValue.of("x".repeat(1 << 20)))))
                    .hasMessage("Value is too large (1.00 MiB > maximum size 1 MiB)");
            ConvexValue deep = ConvexValue.array();
            for (int i = 0; i < 16; i++) {
                deep = ConvexValue.array(deep);
            }
            ConvexObject tooDeep = ConvexObject.of("x", deep);
            assertThatThrownBy(() -> transaction.insert("users", tooDeep)).hasMessageContaining("too nested");
            transaction.delete(id);
            assertThatThrownBy(() -> transaction.delete(id)).hasMessage("Delete on nonexistent document ID " + id);
            assertThat(ids(transaction, "by_id", IndexBounds.ALL, false)).isEmpty();
        }
    }

    @Test
    void limitsCountReadsThatPrecedeWritesAndStayBroken() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(insert("users", fields("n", i)));
        }
        TransactionLimits limits = new TransactionLimits(5, 1 << 20, 100, 100, 1 << 20);
        try (DocumentTransaction transaction = DocumentTransaction.begin(store, new TransactionUsage(limits),
                DocumentSchema.NONE)) {
            assertThat(ids(transaction, "by_id", IndexBounds.ALL, false)).hasSize(4);
            transaction.patch(all.get(0), Map.of("n", ConvexValue.number(9)));
            assertThatThrownBy(() -> transaction.patch(all.get(1), Map.of("n", ConvexValue.number(9))))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageStartingWith("Too many documents read in a single function execution (limit: 5).");
            assertThatThrownBy(() -> transaction.get(all.get(0))).isInstanceOf(LimitExceededException.class);
        }
    }

    @Test
    void rangesThatTouchCountAsOne() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(insert("users", fields("n", i)));
        }
        TransactionLimits limits = new TransactionLimits(100, 1 << 20, 3, 100, 1 << 20);
        try (DocumentTransaction transaction = DocumentTransaction.begin(store, new TransactionUsage(limits),
                DocumentSchema.NONE)) {
            ids(transaction, "by_id", IndexBounds.ALL, false);
            all.forEach(transaction::get);
        }
        try (DocumentTransaction transaction = DocumentTransaction.begin(store, new TransactionUsage(limits),
                DocumentSchema.NONE)) {
            ids(transaction, "by_creation_time", IndexBounds.ALL, false);
            transaction.get(all.get(0));
            transaction.get(all.get(1));
            assertThatThrownBy(() -> transaction.get(all.get(2))).hasMessageStartingWith("Too many reads");
        }
    }

    @Test
    void theLogHasEveryRevisionInTheOrderOfCommits() {
        String id = insert("users", fields("n", 1));
        long before = store.timestamp();
        try (DocumentTransaction transaction = begin()) {
            transaction.patch(id, Map.of("n", ConvexValue.number(2)));
            transaction.insert("users", fields("n", 7));
            transaction.commit();
        }
        try (DocumentTransaction transaction = begin()) {
            transaction.delete(id);
            transaction.commit();
        }

        List<LogEntry> log = store.logAfter(before, 1);
        assertThat(log).as("a transaction is never cut in two").hasSize(2).allMatch(entry -> entry.document() != null);
        assertThat(log.getFirst().timestamp()).isEqualTo(log.getLast().timestamp());
        List<LogEntry> rest = store.logAfter(log.getLast().timestamp(), 10);
        assertThat(rest).singleElement().matches(entry -> entry.id().equals(id) && entry.document() == null);
        assertThat(store.logAfter(rest.getLast().timestamp(), 10)).isEmpty();
    }
}
