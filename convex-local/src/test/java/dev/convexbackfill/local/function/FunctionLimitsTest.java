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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.function.FunctionDefinition.Body;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionRunner.Completed;
import dev.convexbackfill.local.function.FunctionRunner.Disturbance;
import dev.convexbackfill.local.limits.LimitExceededException;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.DocumentScan;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.Store;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How Convex counts what a function reads, writes, takes and returns. */
class FunctionLimitsTest {

    private static final int DOCUMENTS = 10;

    private final Store store = Store.inMemory(Clock.systemUTC());
    private final FunctionRunner runner = new FunctionRunner(store, TransactionLimits.CONVEX,
            store.secret(), StopSignal.never());
    private final Map<String, FunctionDefinition> installed = new TreeMap<>();
    private final List<String> ids = new ArrayList<>();
    private long bytes;

    @AfterEach
    void close() {
        store.close();
    }

    private Completed run(String name, FunctionKind kind, ConvexObject args, Body body) {
        installed.put(name,
                new FunctionDefinition("m:" + name, kind, Visibility.INTERNAL, Validator.ANY, Validator.ANY, body));
        runner.install(installed.values());
        return runner.run("m:" + name, kind, args, Caller.ADMIN, Disturbance.NONE);
    }

    /** Runs a mutation and returns what it had used up at its end. */
    private TransactionUsage use(Body body) {
        AtomicReference<TransactionUsage> usage = new AtomicReference<>();
        run("use", FunctionKind.MUTATION, ConvexObject.EMPTY, (context, args) -> {
            usage.set(context.usage());
            return body.run(context, args);
        });
        return usage.get();
    }

    private void insert(int documents) {
        ids.clear();
        bytes = use((context, _) -> {
            for (int i = 0; i < documents; i++) {
                ids.add(context.db().insert("users", ConvexObject.of("n", ConvexValue.number(i))));
            }
            return ConvexNull.NULL;
        }).bytesWritten().used();
    }

    private static void scan(FunctionContext context, String index) {
        DocumentScan scan = context.db().scan(new PageQuery("users", index, IndexBounds.ALL, false), null);
        scan.forEachRemaining(_ -> {});
    }

    private static void patch(FunctionContext context, String id, double n) {
        context.db().patch(id, Map.of("n", ConvexValue.number(n)));
    }

    @Test
    void everyDocumentThatAScanPassesCountsWithItsBytes() {
        insert(DOCUMENTS);

        TransactionUsage usage = use((context, _) -> {
            scan(context, "by_creation_time");
            return ConvexNull.NULL;
        });

        assertThat(usage.documentsRead().used()).isEqualTo(DOCUMENTS);
        assertThat(usage.bytesRead().used()).isEqualTo(bytes);
        assertThat(usage.rangesRead().used()).isEqualTo(1);
    }

    @Test
    void aDocumentThatIsScannedAndPatchedIsChargedTwice() {
        insert(DOCUMENTS);

        TransactionUsage usage = use((context, _) -> {
            scan(context, "by_id");
            ids.forEach(id -> patch(context, id, -1));
            return ConvexNull.NULL;
        });

        assertThat(usage.documentsRead().used()).isEqualTo(2 * DOCUMENTS);
        assertThat(usage.bytesRead().used()).isEqualTo(2 * bytes);
        assertThat(usage.documentsWritten().used()).isEqualTo(DOCUMENTS);
        assertThat(usage.rangesRead().used()).as("a scan by id covers the ids").isEqualTo(1);
    }

    @Test
    void throughAnotherIndexEveryPatchIsARangeOfItsOwn() {
        insert(4096);

        assertThatThrownBy(() -> use((context, _) -> {
            scan(context, "by_creation_time");
            for (int i = 0; i < 4095; i++) {
                patch(context, ids.get(i), -1);
            }
            assertThat(context.usage().rangesRead().remaining()).isZero();
            patch(context, ids.getLast(), -1);
            return ConvexNull.NULL;
        })).hasMessageContaining("Too many reads in a single function execution (limit: 4096). Consider using smaller");
    }

    @Test
    void whatIsNotThereIsARangeToo() {
        insert(2);
        use((context, _) -> {
            context.db().delete(ids.get(0));
            return ConvexNull.NULL;
        });

        TransactionUsage usage = use((context, _) -> {
            context.db().get(ids.get(0));
            return ConvexNull.NULL;
        });

        assertThat(usage.rangesRead().used()).isEqualTo(1);
        assertThat(usage.documentsRead().used()).isZero();
    }

    @Test
    void insertsCountAsRangesFromTheNextReadOn() {
        TransactionUsage usage = use((context, _) -> {
            insertMany(context, 4096);
            assertThat(context.usage().rangesRead().used()).isZero();
            context.db().get(ids.getLast());
            return ConvexNull.NULL;
        });

        assertThat(usage.rangesRead().used()).isEqualTo(4096);
        assertThatThrownBy(() -> use((context, _) -> {
            insertMany(context, 4097);
            context.db().get(ids.getLast());
            return ConvexNull.NULL;
        })).hasMessageContaining("Too many reads");
    }

    private void insertMany(FunctionContext context, int documents) {
        for (int i = 0; i < documents; i++) {
            ids.add(context.db().insert("users", ConvexObject.EMPTY));
        }
    }

    @Test
    void everyOperationIsAWriteAndADeleteIsOneWithoutSize() {
        insert(1);

        TransactionUsage patched = use((context, _) -> {
            patch(context, ids.getFirst(), 1);
            patch(context, ids.getFirst(), 2);
            return ConvexNull.NULL;
        });
        TransactionUsage deleted = use((context, _) -> {
            context.db().delete(ids.getFirst());
            return ConvexNull.NULL;
        });

        assertThat(patched.documentsWritten().used()).isEqualTo(2);
        assertThat(patched.bytesWritten().used()).isEqualTo(2 * bytes);
        assertThat(deleted.documentsWritten().used()).isEqualTo(1);
        assertThat(deleted.bytesWritten().used()).isZero();
    }

    @Test
    void sixteenThousandWritesAreTheMost() {
        assertThatThrownBy(() -> use((context, _) -> {
            insertMany(context, 16_001);
            return ConvexNull.NULL;
        })).hasMessage("Uncaught Error: Too many writes in a single function execution (limit: 16000)");
    }

    @Test
    void sixteenMebibytesAreTheMostThatCanBeWritten() {
        ConvexObject large = ConvexObject.of("text", ConvexValue.of("x".repeat((1 << 20) - 200)));

        assertThatThrownBy(() -> use((context, _) -> {
            for (int i = 0; i < 17; i++) {
                context.db().insert("users", large);
            }
            return ConvexNull.NULL;
        })).hasMessage("Uncaught Error: Too many bytes written in a single function execution (limit: 16 MiB)");
    }

    @Test
    void theSystemsTablesCostOnlyRanges() {
        TransactionUsage usage = use((context, _) -> {
            String id = context.schedule("m:use", ConvexObject.EMPTY, context.startedAt() + 1e6);
            context.db().get(id);
            return ConvexNull.NULL;
        });

        assertThat(usage.documentsRead().used()).isZero();
        assertThat(usage.documentsWritten().used()).isZero();
        assertThat(usage.rangesRead().used()).isEqualTo(1);
        assertThat(usage.functionsScheduled().used()).isEqualTo(1);
    }

    @Test
    void whoCatchesABrokenLimitKeepsWhatWasWrittenBeforeButReadsNoMore() {
        insert(4096);
        use((context, _) -> {
            context.db().insert("kept", ConvexObject.EMPTY);
            scan(context, "by_creation_time");
            assertThatThrownBy(() -> ids.forEach(id -> patch(context, id, -1)))
                    .isInstanceOf(LimitExceededException.class);
            assertThatThrownBy(() -> context.db().get(ids.getLast())).isInstanceOf(LimitExceededException.class);
            return ConvexNull.NULL;
        });

        assertThat(run("count", FunctionKind.QUERY, ConvexObject.EMPTY,
                (context, _) -> ConvexValue.number((double) context.db().count("kept"))).value())
                .isEqualTo(ConvexValue.number(1));
    }

    @Test
    void functionsThatCallEachOtherShareTheirLimits() {
        insert(DOCUMENTS);
        run("inner", FunctionKind.QUERY, ConvexObject.EMPTY, (context, _) -> {
            scan(context, "by_id");
            return ConvexNull.NULL;
        });

        TransactionUsage usage = use((context, _) -> {
            scan(context, "by_id");
            return context.call(FunctionKind.QUERY, "m:inner", ConvexObject.EMPTY);
        });

        assertThat(usage.documentsRead().used()).isEqualTo(2 * DOCUMENTS);
    }

    @Test
    void sevenCountersTellWhatIsUsedAndWhatRemains() {
        insert(DOCUMENTS);

        ConvexObject metrics = use((context, _) -> {
            patch(context, ids.getFirst(), -1);
            return ConvexNull.NULL;
        }).toObject();

        assertThat(metrics.names()).containsExactly("bytesRead", "bytesWritten", "databaseQueries", "documentsRead",
                "documentsWritten", "functionsScheduled", "scheduledFunctionArgsBytes");
        assertThat(metrics.object("documentsRead").number("used")).isEqualTo(1);
        assertThat(metrics.object("documentsRead").number("remaining")).isEqualTo(31_999);
        assertThat(metrics.object("databaseQueries").number("remaining")).isEqualTo(4095);
        assertThat(metrics.object("scheduledFunctionArgsBytes").number("remaining")).isEqualTo(16 << 20);
    }

    @Test
    void whatComesNearALimitIsWarnedOf() {
        insert(3300);

        List<String> lines = run("near", FunctionKind.MUTATION, ConvexObject.EMPTY, (context, _) -> {
            ids.forEach(id -> patch(context, id, -1));
            return ConvexNull.NULL;
        }).logLines();

        assertThat(lines)
                .containsExactly("[WARN] Many reads in a single function execution (actual: 3300, limit: 4096)."
                        + " Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a"
                        + " selective index range expressions.");
    }

    @Test
    void manyDocumentsAndManyWritesAreWarnedOf() {
        List<String> writes = run("writes", FunctionKind.MUTATION, ConvexObject.EMPTY, (context, _) -> {
            insertMany(context, 12_801);
            return ConvexNull.NULL;
        }).logLines();
        List<String> reads = run("reads", FunctionKind.QUERY, ConvexObject.EMPTY, (context, _) -> {
            scan(context, "by_id");
            scan(context, "by_id");
            return ConvexNull.NULL;
        }).logLines();

        assertThat(writes).containsExactly(
                "[WARN] Many writes in a single function execution (actual: 12801, limit: 16000).");
        assertThat(reads).singleElement().asString().startsWith(
                "[WARN] Many documents read in a single function execution (actual: 25602, limit: 32000).");
    }

    @Test
    void argumentsAndResultsAreLimited() {
        ConvexValue large = ConvexValue.of("x".repeat(14 << 20));
        ConvexValue tooLarge = ConvexValue.of("x".repeat(17 << 20));

        assertThat(run("echo", FunctionKind.QUERY, ConvexObject.of("text", large), (_, args) -> args.require("text"))
                .logLines()).hasSize(2)
                .anyMatch(line -> line.startsWith("[WARN] Large size of the function arguments (actual: "))
                .anyMatch(line -> line.startsWith("[WARN] Large size of the function return value (actual: "));
        assertThatThrownBy(() -> run("echo", FunctionKind.QUERY, ConvexObject.of("text", tooLarge),
                (_, _) -> ConvexNull.NULL))
                .hasMessage("Arguments for m:echo are too large (actual: 17 MiB, limit: 16 MiB)");
        assertThatThrownBy(() -> run("make", FunctionKind.QUERY, ConvexObject.EMPTY, (_, _) -> tooLarge))
                .hasMessage("Function m:make return value is too large (actual: 17 MiB, limit: 16 MiB)");
        assertThatThrownBy(() -> run("make", FunctionKind.ACTION, ConvexObject.EMPTY, (_, _) -> tooLarge))
                .hasMessage("Action m:make return value is too large (actual: 17 MiB, limit: 16 MiB)");
    }

    @Test
    void anArrayHasAtMost8192Elements() {
        ConvexValue most = ConvexValue.array(Collections.nCopies(8192, ConvexNull.NULL));

        use((context, _) -> ConvexValue.of(context.db().insert("users", ConvexObject.of("all", most))));

        assertThatThrownBy(() -> use((context, _) -> {
            ConvexValue more = ConvexValue.array(Collections.nCopies(8193, ConvexNull.NULL));
            return ConvexValue.of(context.db().insert("users", ConvexObject.of("all", more)));
        })).hasMessageContaining("8193").isInstanceOf(FunctionFailedException.class)
                .isNotInstanceOf(InvalidValueException.class);
    }
}
