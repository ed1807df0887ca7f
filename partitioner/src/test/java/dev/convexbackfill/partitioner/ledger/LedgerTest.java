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
package dev.convexbackfill.partitioner.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.partitioner.ledger.Ledger.Bounds;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Counts;
import dev.convexbackfill.partitioner.ledger.LedgerEntry.Skip;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException.Refusal;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LedgerTest {

    private final LocalDeployment deployment = LocalDeployment.builder().start();
    private final ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();
    private final Ledger ledger = new Ledger(client, CallOptions.DEFAULT, "backfill");

    @AfterEach
    void close() {
        client.close();
        deployment.close();
    }

    private static Chunk chunk(String id, long fence, long sequence, String from, String to, int read,
            ConvexValue... changes) {
        return new Chunk(id, fence, sequence, from, to, false, read, read - changes.length, 0, 0,
                ConvexValue.array(changes));
    }

    private static ConvexObject change(String id) {
        return ConvexObject.builder().put("id", id).put("expect", ConvexObject.of("n", ConvexValue.number(1)))
                .put("absent", ConvexValue.array())
                .put("write", ConvexObject.builder().put("kind", "patch")
                        .put("set", ConvexObject.of("n", ConvexValue.number(2))).put("unset", ConvexValue.array())
                        .build())
                .build();
    }

    private static void assertRefused(Refusal refusal, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(LedgerRefusedException.class,
                refused -> assertThat(refused.refusal()).isEqualTo(refusal));
    }

    @Test
    void speaksTheInstalledProtocol() {
        assertThat(ledger.protocol()).isEqualTo(Ledger.PROTOCOL);
    }

    @Test
    void opensOnceAlsoWhenEveryAnswerIsLostTheFirstTime() {
        deployment.setFaults(Faults.fromJson(ConvexObject.of("replyLost", ConvexValue.number(2))));
        List<Bounds> bounds = IntStream.range(0, 120).mapToObj(n -> new Bounds("a" + n, "a" + (n + 1))).toList();
        List<String> rows = ledger.open("r", "token", "users", bounds);

        assertThat(ledger.open("r", "token", "users", bounds)).isEqualTo(rows).hasSize(120).doesNotHaveDuplicates();
        assertThat(ledger.read("r")).hasValueSatisfying(read -> {
            assertThat(read.token()).isEqualTo("token");
            assertThat(read.entries()).hasSize(120)
                    .allMatch(entry -> entry != null && entry.counts().equals(Counts.NONE));
        });
        assertThat(ledger.read("unknown")).isEmpty();
        assertRefused(Refusal.RUN_TAKEN, () -> ledger.open("r", "another token", "users", bounds));
    }

    @Test
    void appliesAndReportsWhatItLeftAlone() {
        deployment.load("users", IntStream.range(0, 2).mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n + 1))));
        List<String> ids = users();
        String row = ledger.open("r", "t", "users", List.of(new Bounds("", null))).getFirst();
        ledger.claim(row, 5);

        LedgerEntry entry = ledger.apply(chunk(row, 5, 1, "", "p", 3, change(ids.get(0)), change(ids.get(1))));
        assertThat(entry.counts()).isEqualTo(new Counts(3, 1, 1, 0, 0, 1));
        assertThat(entry.skipped()).containsExactly(new Skip.Conflict(ids.get(1)));
        assertThat(entry.unsettled()).hasSize(1);
        assertThat(entry.isComplete()).isFalse();
        assertThat(ledger.apply(chunk(row, 5, 1, "", "p", 3, change(ids.get(0)), change(ids.get(1))))).isEqualTo(entry);
        assertThat(ledger.documents(ids)).extracting(document -> document == null ? -1 : document.number("n"))
                .containsExactly(2.0, 2.0);
    }

    /** In the order of their numbers. */
    private List<String> users() {
        ConvexArray documents = ((ConvexObject) client.query(
                dev.convexbackfill.client.FunctionPath.of("backfill", "page"),
                ConvexObject.builder().put("table", "users").putNullable("after", null).putNullable("through", null)
                        .put("documents", 10).put("bytes", 1e6).build(),
                CallOptions.DEFAULT).value()).array("documents");
        return documents.values().stream().map(ConvexObject.class::cast)
                .sorted(java.util.Comparator.comparingDouble(document -> document.number("n")))
                .map(document -> document.string("_id")).toList();
    }

    @Test
    void tellsEveryRefusalApart() {
        deployment.load("users", java.util.stream.Stream.of());
        String row = ledger.open("r", "t", "users", List.of(new Bounds(null, null))).getFirst();
        ledger.claim(row, 5);

        assertRefused(Refusal.FENCED, () -> ledger.claim(row, 4));
        assertRefused(Refusal.UNCLAIMED, () -> ledger.apply(chunk(row, 6, 1, "x", "p", 0)));
        assertRefused(Refusal.OUT_OF_ORDER, () -> ledger.apply(chunk(row, 5, 2, "x", "p", 0)));
        assertRefused(Refusal.INVALID,
                () -> ledger.apply(new Chunk(row, 5, 1, null, "p", false, 7, 0, 0, 0, ConvexValue.array())));
        ledger.purge("r");
        assertRefused(Refusal.LEDGER_MISSING, () -> ledger.claim(row, 7));
        assertThat(ledger.read("r")).isEmpty();
    }
}
