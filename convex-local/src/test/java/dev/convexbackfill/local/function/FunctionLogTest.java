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
package dev.convexbackfill.local.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.local.TestClock;
import dev.convexbackfill.local.function.Execution.Origin;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionLog.Entry;
import dev.convexbackfill.local.schema.Validator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FunctionLogTest {

    private final StopSignal closing = StopSignal.never();
    private final FunctionLog log = new FunctionLog(new TestClock(), closing);
    private final FunctionDefinition function = FunctionDefinition.query("m:f", Visibility.PUBLIC, Validator.ANY,
            (_, _) -> ConvexNull.NULL);

    private void add(String line) {
        Execution execution = Execution.begin(Caller.ANONYMOUS, Origin.request("HttpApi"), 0);
        execution.log().add(LogLines.Level.LOG, line);
        log.add(function, execution, null, ConvexNull.NULL, null);
    }

    private CompletableFuture<List<Entry>> waiting() {
        CompletableFuture<List<Entry>> entries = CompletableFuture.supplyAsync(() -> log.after(0, Duration.ofHours(1)));
        await().until(() -> log.waiting() == 1);
        return entries;
    }

    @Test
    void whoWaitsGetsTheNextEntry() {
        CompletableFuture<List<Entry>> entries = waiting();

        add("hello");

        assertThat(entries.join()).singleElement()
                .satisfies(entry -> assertThat(entry.logLines()).containsExactly("[LOG] hello"));
    }

    @Test
    void whatTheSystemsFunctionsDoIsNobodysLog() {
        Execution execution = Execution.begin(Caller.ANONYMOUS, Origin.request("SyncWorker"), 0);
        log.add(FunctionDefinition.query("_system/cli/f:default", Visibility.SYSTEM, Validator.ANY,
                (_, _) -> ConvexNull.NULL), execution, null, ConvexNull.NULL, null);
        add("the app's");

        assertThat(log.after(0, Duration.ZERO)).extracting(Entry::path).containsExactly("m:f");
    }

    @Test
    void nobodyIsKeptWaitingByADeploymentThatCloses() {
        CompletableFuture<List<Entry>> entries = waiting();

        closing.give("the deployment is closing");

        assertThat(entries.join()).isEmpty();
    }

    @Test
    void whatDoesNotFitIsForgottenAndTimesDiffer() {
        for (int i = 0; i < 1100; i++) {
            add("line " + i);
        }
        List<Entry> many = log.after(0, Duration.ZERO);
        for (int i = 0; i < 400; i++) {
            add("x".repeat(32_000));
        }

        assertThat(many).hasSize(1000).extracting(Entry::timestamp).doesNotHaveDuplicates().isSorted();
        assertThat(log.after(0, Duration.ZERO)).hasSizeBetween(200, 300);
    }
}
