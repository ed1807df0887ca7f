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

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.job.reference.ReferenceStore.Answer;
import dev.convexbackfill.job.reference.ReferenceStore.Claim;
import dev.convexbackfill.job.reference.SearchState.TableState;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReferenceStoreTest {

    private static final Duration LEASE = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private static ReferenceStore store(HikariDataSource dataSource) {
        RunRepository repository = RunRepository.over(dataSource);
        repository.jdbc()
                .sql("""
                        insert into backfill_run (name, token, deployment_url, table_name, plan_text, plan_digest, write_mode, state, created_at)
                        values ('r', 't', 'u', 'people', '', '', 'insertInto: people', 'COMPLETED', current_timestamp)""")
                .update();
        return new ReferenceStore(repository.jdbc(), repository.transactions());
    }

    private static PageFindings found(int references) {
        PageFindings found = new PageFindings();
        for (int n = 0; n < references; n++) {
            found.add(new FoundReference("letters", "to", "document" + n / 2, "old" + n, "new" + n));
        }
        return found;
    }

    @ParameterizedTest
    @EnumSource
    void oneProcessOwnsItAndWhatAnEarlierOneStoresIsRefused(TestDatabase.Kind kind) {
        try (TestRepository repository = TestRepository.create(kind, folder)) {
            ReferenceStore store = store(repository.dataSource());

            Claim.Owned first = (Claim.Owned) store.claim("r", false, LEASE);
            assertThat(store.claim("r", false, LEASE)).isInstanceOf(Claim.Held.class);
            assertThat(store.claim("r", true, LEASE)).isInstanceOf(Claim.Held.class);
            assertThat(store.addTables("r", first.fence(), Map.of("letters", true, "counters", false))).isTrue();
            assertThat(store.record("r", first.fence(), "letters", "m", 7, found(4), false)).isTrue();
            // silent for longer than the lease
            Claim.Owned second = (Claim.Owned) store.claim("r", false, Duration.ofSeconds(-1));

            assertThat(store.record("r", first.fence(), "letters", "z", 7, found(4), true)).isFalse();
            assertThat(store.sign("r", first.fence())).isEqualTo(Answer.LOST);
            assertThat(store.release("r", first.fence(), true)).isFalse();
            assertThat(store.record("r", second.fence(), "letters", "x", 3, found(200), true)).isTrue();
            SearchState state = store.find("r").orElseThrow();
            assertThat(state.tables()).containsExactly(
                    new SearchState.Table("counters", TableState.EXEMPT, null, 0),
                    new SearchState.Table("letters", TableState.READ, "x", 10));
            assertThat(state.fields()).containsExactly(new SearchState.Field("letters", "to", 102, 204));
            assertThat(store.references("r", state.fields().getFirst(), 1000)).hasSize(100);

            assertThat(store.sign("r", second.fence())).isEqualTo(Answer.GO_ON);
            assertThat(store.requestStop("r", LEASE)).isTrue();
            assertThat(store.sign("r", second.fence())).isEqualTo(Answer.STOP);
            assertThat(store.release("r", second.fence(), false)).isTrue();
            assertThat(store.requestStop("r", LEASE)).isFalse();
            assertThat(store.find("r").orElseThrow().isComplete()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCompleteOneIsDoneAgainOnlyOnRequest(TestDatabase.Kind kind) {
        try (TestRepository repository = TestRepository.create(kind, folder)) {
            ReferenceStore store = store(repository.dataSource());
            Claim.Owned owned = (Claim.Owned) store.claim("r", false, LEASE);
            store.addTables("r", owned.fence(), Map.of("letters", true));
            store.record("r", owned.fence(), "letters", "x", 3, found(2), true);
            store.release("r", owned.fence(), true);

            assertThat(store.claim("r", false, LEASE)).isInstanceOf(Claim.Complete.class);
            assertThat(store.find("r").orElseThrow().references()).isEqualTo(2);
            assertThat(store.claim("r", true, LEASE)).isEqualTo(new Claim.Owned(owned.fence() + 1));
            SearchState anew = store.find("r").orElseThrow();
            assertThat(anew.isComplete()).isFalse();
            assertThat(anew.tables()).isEmpty();
            assertThat(anew.fields()).isEmpty();
        }
    }
}
