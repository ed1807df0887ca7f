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

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is found in parts is put together. */
class FindingsTest {

    @Test
    void allIsCountedAndOfEachKindSomeIsKept() {
        Findings all = found(MismatchKind.NOT_MIGRATED, 70);
        all.add(found(MismatchKind.NOT_MIGRATED, 350));
        all.add(found(MismatchKind.DELETED_SINCE, 3));

        assertThat(all.counts()).containsExactlyInAnyOrderEntriesOf(
                Map.of(MismatchKind.NOT_MIGRATED, 420L, MismatchKind.DELETED_SINCE, 3L));
        assertThat(all.kept()).hasSize(Findings.MAX_KEPT + 3);
        assertThat(all.documents().read()).isEqualTo(423);
    }

    private static Findings found(MismatchKind kind, int documents) {
        Findings findings = new Findings();
        for (int n = 0; n < documents; n++) {
            findings.add(Mismatch.of("id" + n, kind, "It is wrong"), Instant.EPOCH, Instant.EPOCH);
            findings.count(new Counts(1, 0, 0, 0, 0, 0));
        }
        return findings;
    }
}
