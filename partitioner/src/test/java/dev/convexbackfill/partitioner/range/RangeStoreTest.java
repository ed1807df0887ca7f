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
package dev.convexbackfill.partitioner.range;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.partitioner.ledger.LedgerEntry;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Skip;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class RangeStoreTest {

    @TempDir
    private Path folder;

    private final List<TestRepository> repositories = new ArrayList<>();

    @AfterEach
    void close() {
        repositories.forEach(TestRepository::close);
    }

    private RangeStore store(TestDatabase.Kind kind) {
        TestRepository repository = TestRepository.create(kind, folder);
        repositories.add(repository);
        JdbcClient jdbc = JdbcClient.create(repository.dataSource());
        for (String run : List.of("r", "other")) {
            jdbc.sql("insert into backfill_run (name, token, deployment_url, table_name, plan_text, plan_digest, state,"
                    + " created_at) values (?, 't', 'u', 'users', 'p', 'd', 'RUNNING', current_timestamp)").param(run)
                    .update();
        }
        return new RangeStore(jdbc, new TransactionTemplate(new JdbcTransactionManager(repository.dataSource())));
    }

    private static LedgerEntry entry(int range, long sequence, String position, boolean isDone, Counts counts,
            List<Skip> skipped) {
        return new LedgerEntry(range, 1, sequence, 1, position, isDone, counts, skipped, List.of());
    }

    @ParameterizedTest
    @EnumSource
    void whatWasStoredFirstStaysForEver(TestDatabase.Kind kind) {
        RangeStore store = store(kind);
        List<Range> first = Range.cut(10001, 3);
        store.create("r", first);
        store.create("r", Range.cut(10001, 5));
        store.setLedger("r", List.of("a", "b", "c"));

        assertThat(store.list("r")).extracting(RangeRow::range).isEqualTo(first);
        assertThat(store.list("r")).extracting(RangeRow::ledger).containsExactly("a", "b", "c");
        assertThat(store.list("r")).extracting(RangeRow::position).isEqualTo(first.stream().map(Range::after).toList());
        assertThat(store.list("other")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anOlderOwnerCanNotBecomeTheOwnerAgain(TestDatabase.Kind kind) {
        RangeStore store = store(kind);
        store.create("r", Range.cut(10001, 2));

        assertThat(store.own("r", 1, 5)).isTrue();
        assertThat(store.own("r", 1, 5)).isTrue();
        assertThat(store.own("r", 1, 4)).isFalse();
        assertThat(store.get("r", 1).fence()).isEqualTo(5);
        assertThat(store.get("r", 0).fence()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void followsTheLedgerAndIgnoresOldNews(TestDatabase.Kind kind) {
        RangeStore store = store(kind);
        store.create("r", Range.cut(10001, 1));
        Counts counts = new Counts(10, 5, 2, 1, 1, 3);
        store.follow("r", entry(0, 2, "p2", true, counts, List.of(new Skip.Conflict("x"), new Skip.Missing("y"))));
        store.follow("r", entry(0, 1, "p1", false, Counts.NONE, List.of()));

        RangeRow row = store.get("r", 0);
        assertThat(row.position()).isEqualTo("p2");
        assertThat(row.isDone()).isTrue();
        assertThat(row.counts()).isEqualTo(counts);
        assertThat(row.unsettled()).isEqualTo(1);
        assertThat(row.fraction()).isEqualTo(1);
    }
}
