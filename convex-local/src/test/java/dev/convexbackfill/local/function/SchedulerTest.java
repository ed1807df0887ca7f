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

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.TestClock;
import dev.convexbackfill.local.function.FunctionDefinition.Body;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionRunner.Disturbance;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What functions schedule is run. */
class SchedulerTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final TestClock clock = new TestClock();
    private final Store store = Store.inMemory(clock);
    private final StopSignal closing = StopSignal.never();
    private final FunctionRunner runner = new FunctionRunner(store, TransactionLimits.CONVEX,
            store.secret(), closing);
    private final Map<String, FunctionDefinition> installed = new TreeMap<>();
    private @Nullable Scheduler scheduler;

    SchedulerTest() {
        install("add", FunctionKind.MUTATION, (context, args) -> {
            context.db().insert("added", args);
            return ConvexNull.NULL;
        });
    }

    @AfterEach
    void close() {
        closing.give("the test is over");
        if (scheduler != null) {
            scheduler.close();
        }
        store.close();
    }

    private void start(int parallelism) {
        scheduler = Scheduler.start(store, runner, parallelism, closing);
    }

    private void install(String name, FunctionKind kind, Validator args, Body body) {
        installed.put(name, new FunctionDefinition("m:" + name, kind, Visibility.INTERNAL, args, Validator.ANY, body));
        runner.install(installed.values());
    }

    private void install(String name, FunctionKind kind, Body body) {
        install(name, kind, Validator.ANY, body);
    }

    private ConvexValue mutate(Body body) {
        install("once", FunctionKind.MUTATION, body);
        return runner.run("m:once", FunctionKind.MUTATION, ConvexObject.EMPTY, Caller.ADMIN, Disturbance.NONE).value();
    }

    private ConvexValue query(Body body) {
        install("look", FunctionKind.QUERY, body);
        return runner.run("m:look", FunctionKind.QUERY, ConvexObject.EMPTY, Caller.ADMIN, Disturbance.NONE).value();
    }

    private double now() {
        return clock.millis();
    }

    private String schedule(String function, ConvexObject args, double time) {
        return ((ConvexString) mutate((context, _) -> ConvexValue.of(context.schedule("m:" + function, args, time))))
                .value();
    }

    private String schedule(String function) {
        return schedule(function, ConvexObject.EMPTY, now());
    }

    private static ConvexObject numbered(int n) {
        return ConvexObject.of("n", ConvexValue.number(n));
    }

    private ConvexObject row(String id) {
        return (ConvexObject) query((context, _) -> requireNonNull(context.db().get(id)));
    }

    private ConvexObject state(String id) {
        return row(id).object("state");
    }

    private void awaitState(String id, String kind) {
        await().untilAsserted(() -> assertThat(state(id).string("kind")).isEqualTo(kind));
    }

    private List<Double> added() {
        AtomicReference<List<Double>> added = new AtomicReference<>(List.of());
        query((context, _) -> {
            added.set(context.db().take("added", 1000).stream().map(row -> row.number("n")).toList());
            return ConvexNull.NULL;
        });
        return added.get();
    }

    @Test
    void whatIsDueRunsInTheOrderOfTheTimesAndThenOfTheCalls() {
        Queue<Double> ran = new ConcurrentLinkedQueue<>();
        install("run", FunctionKind.MUTATION, (_, args) -> {
            ran.add(args.number("n"));
            return ConvexNull.NULL;
        });
        mutate((context, _) -> {
            context.schedule("m:run", numbered(3), now() - 10);
            context.schedule("m:run", numbered(4), now());
            context.schedule("m:run", numbered(1), now() - 30);
            context.schedule("m:run", numbered(5), now());
            context.schedule("m:run", numbered(2), now() - 20);
            return ConvexNull.NULL;
        });

        start(1);

        await().untilAsserted(() -> assertThat(ran).containsExactly(1.0, 2.0, 3.0, 4.0, 5.0));
    }

    @Test
    void aCallWaitsForItsTime() {
        start(8);
        String later = schedule("add", numbered(2), now() + (double) HOUR.toMillis());
        String sooner = schedule("add", numbered(1), now());

        awaitState(sooner, "success");
        assertThat(state(later)).isEqualTo(ConvexObject.of("kind", ConvexValue.of("pending")));
        assertThat(row(later).names()).doesNotContain("completedTime");
        clock.advance(HOUR);

        awaitState(later, "success");
        assertThat(row(later).number("completedTime")).isEqualTo(now());
        assertThat(row(later).string("name")).isEqualTo("m.js:add");
        assertThat(row(later).array("args")).isEqualTo(ConvexValue.array(numbered(2)));
        assertThat(added()).containsExactlyInAnyOrder(1.0, 2.0);
    }

    @Test
    void aMutationSeesItselfInProgressAndNobodyElseDoes() {
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch runs = new CountDownLatch(1);
        install("watch", FunctionKind.MUTATION, (context, _) -> {
            ConvexObject own = context.db().take("_scheduled_functions", 1).getFirst();
            context.db().insert("seen", own.object("state").without("execution_id").without("request_id"));
            runs.countDown();
            waitFor(goOn);
            return ConvexNull.NULL;
        });
        start(8);

        String id = schedule("watch");
        waitFor(runs);
        assertThat(state(id).string("kind")).isEqualTo("pending");
        goOn.countDown();

        awaitState(id, "success");
        assertThat(query((context, _) -> context.db().take("seen", 1).getFirst().without("_id")
                .without("_creationTime"))).isEqualTo(ConvexObject.of("kind", ConvexValue.of("inProgress")));
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    void aMutationThatFailsLeavesItsErrorAndNothingElse() {
        install("fail", FunctionKind.MUTATION, (context, _) -> {
            context.db().insert("added", numbered(1));
            throw new FunctionFailedException("Uncaught Error: no");
        });
        start(8);

        String id = schedule("fail");

        awaitState(id, "failed");
        assertThat(state(id).string("error")).isEqualTo("Uncaught Error: no");
        assertThat(added()).isEmpty();
    }

    @Test
    void argumentsAreCheckedWhenTheCallIsMade() {
        install("strict", FunctionKind.MUTATION, Validator.object().field("n", Validator.STRING),
                (_, _) -> ConvexNull.NULL);
        String wrong = schedule("strict", numbered(1), now() + 1);
        install("strict", FunctionKind.MUTATION, Validator.object().field("n", Validator.NUMBER),
                (_, _) -> ConvexNull.NULL);
        String right = schedule("strict", ConvexObject.of("n", ConvexValue.of("text")), now() + 1);
        clock.advance(Duration.ofMillis(1));
        start(8);

        awaitState(wrong, "success");
        awaitState(right, "failed");
        assertThat(state(right).string("error")).startsWith("ArgumentValidationError");
    }

    @Test
    void aFunctionThatIsGoneOrHasBecomeAQueryFails() {
        install("gone", FunctionKind.MUTATION, (_, _) -> ConvexNull.NULL);
        install("changed", FunctionKind.ACTION, (_, _) -> ConvexNull.NULL);
        String gone = schedule("gone");
        String changed = schedule("changed");
        installed.remove("gone");
        install("changed", FunctionKind.QUERY, (_, _) -> ConvexNull.NULL);
        start(8);

        awaitState(gone, "failed");
        awaitState(changed, "failed");
        assertThat(state(gone).string("error")).startsWith("Could not find function for 'm.js:gone'");
        assertThat(state(changed).string("error")).contains("Only mutations and actions can be scheduled");
    }

    @Test
    void manyCallsThatMeetInOneDocumentAllTakeEffectOnce() {
        ConvexString counter = (ConvexString) mutate(
                (context, _) -> ConvexValue.of(context.db().insert("counters", numbered(0))));
        install("count", FunctionKind.MUTATION, (context, _) -> {
            double n = requireNonNull(context.db().get(counter.value())).number("n");
            context.db().patch(counter.value(), Map.of("n", ConvexValue.number(n + 1)));
            return ConvexNull.NULL;
        });
        start(8);

        mutate((context, _) -> {
            for (int i = 0; i < 12; i++) {
                context.schedule("m:count", ConvexObject.EMPTY, now());
            }
            return ConvexNull.NULL;
        });

        await().untilAsserted(() -> assertThat(unfinished()).isZero());
        assertThat(((ConvexObject) query((context, _) -> requireNonNull(context.db().get(counter.value()))))
                .number("n")).isEqualTo(12);
    }

    private double unfinished() {
        return ((ConvexFloat64) query((context, _) -> ConvexValue.number(
                context.db().take("_scheduled_functions", 1000).stream()
                        .mapToInt(row -> ScheduledCall.isUnfinished(row) ? 1 : 0).sum())))
                .value();
    }

    @Test
    void anActionIsInProgressWhileItRuns() {
        CountDownLatch goOn = new CountDownLatch(1);
        install("act", FunctionKind.ACTION, (context, _) -> {
            waitFor(goOn);
            return context.call(FunctionKind.MUTATION, "m:add", numbered(1));
        });
        start(8);

        String id = schedule("act");
        awaitState(id, "inProgress");
        assertThat(state(id).names()).containsExactly("execution_id", "kind", "request_id");
        goOn.countDown();

        awaitState(id, "success");
        assertThat(added()).containsExactly(1.0);
    }

    @Test
    void anActionThatWasCanceledStaysSoAndSchedulesNothingMore() {
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        AtomicReference<String> next = new AtomicReference<>("");
        install("act", FunctionKind.ACTION, (context, _) -> {
            waitFor(goOn);
            next.set(context.schedule("m:add", numbered(1), now()));
            over.countDown();
            return ConvexNull.NULL;
        });
        start(8);

        String id = schedule("act");
        awaitState(id, "inProgress");
        cancel(id);
        goOn.countDown();
        waitFor(over);

        assertThat(state(next.get()).string("kind")).isEqualTo("canceled");
        assertThat(state(id).string("kind")).isEqualTo("canceled");
        String last = schedule("add", numbered(2), now());
        awaitState(last, "success");
        assertThat(added()).containsExactly(2.0);
    }

    private void cancel(String id) {
        mutate((context, _) -> {
            context.cancelScheduled(id);
            return ConvexNull.NULL;
        });
    }

    @Test
    void whatWasTakenBackNeverRuns() {
        String id = schedule("add", numbered(1), now());
        cancel(id);
        start(8);

        awaitState(schedule("add", numbered(2), now()), "success");
        assertThat(state(id).string("kind")).isEqualTo("canceled");
        assertThat(added()).containsExactly(2.0);
    }

    @Test
    void whatEndedIsForgottenAfterAWeek() {
        start(8);
        String old = schedule("add", numbered(1), now());
        awaitState(old, "success");
        clock.advance(Duration.ofDays(6));
        String young = schedule("add", numbered(2), now());
        awaitState(young, "success");

        clock.advance(Duration.ofDays(1));

        await().untilAsserted(() -> assertThat(query(
                (context, _) -> ConvexValue.of(context.db().get(old) == null))).isEqualTo(ConvexValue.of(true)));
        assertThat(state(young).string("kind")).isEqualTo("success");
    }

    @Test
    void aThousandCallsCanBeScheduledAtOnceAndNoMore() {
        assertThatThrownBy(() -> mutate((context, _) -> {
            for (int i = 0; i <= 1000; i++) {
                context.schedule("m:add", ConvexObject.EMPTY, now() + i);
            }
            return ConvexNull.NULL;
        })).hasMessage("Uncaught Error: Too many functions scheduled by this mutation (limit: 1000)");
    }

    @Test
    void argumentsOfManyCallsTogetherAreLimitedAndLargeOnesAreWarnedOf() {
        ConvexObject large = ConvexObject.of("text", ConvexValue.of("x".repeat((4 << 20) - 100)));
        install("fill", FunctionKind.MUTATION, (context, args) -> {
            for (int i = 0; i < args.number("n"); i++) {
                context.schedule("m:add", large, now() + (double) HOUR.toMillis());
            }
            return ConvexNull.NULL;
        });

        assertThat(runner.run("m:fill", FunctionKind.MUTATION, numbered(4), Caller.ADMIN, Disturbance.NONE).logLines())
                .anyMatch(line -> line.startsWith(
                        "[WARN] Large arguments for a single scheduled function from this mutation (actual: "))
                .anyMatch(line -> line.startsWith("[WARN] Large total size of the arguments of scheduled functions"));
        assertThatThrownBy(
                () -> runner.run("m:fill", FunctionKind.MUTATION, numbered(5), Caller.ADMIN, Disturbance.NONE))
                .hasMessageContaining("Too large total size of the arguments of scheduled functions from this mutation"
                        + " (limit: 16777216 bytes)");
    }

    @Test
    void aTimeThatCanOnlyBeAMistakeIsRefused() {
        assertThatThrownBy(
                () -> schedule("add", ConvexObject.EMPTY, now() + (double) Duration.ofDays(366 * 6).toMillis()))
                .hasMessageContaining("is more than 5 years in the future");
        assertThatThrownBy(() -> schedule("add", ConvexObject.EMPTY, 0)).hasMessageContaining("5 years in the past");
    }
}
