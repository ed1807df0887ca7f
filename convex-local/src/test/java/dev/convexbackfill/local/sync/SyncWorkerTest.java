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
package dev.convexbackfill.local.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.auth.AdminKey;
import dev.convexbackfill.local.faults.FaultInjector;
import dev.convexbackfill.local.function.Caller;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.function.FunctionRunner;
import dev.convexbackfill.local.function.FunctionRunner.Disturbance;
import dev.convexbackfill.local.limits.DeploymentLimits;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.Store;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a socket does by its clock, and with a client that does not read. */
class SyncWorkerTest {

    private final Store store = Store.inMemory(Clock.systemUTC());
    private final AtomicInteger runs = new AtomicInteger();
    private final FunctionRunner runner = new FunctionRunner(store, TransactionLimits.CONVEX, DeploymentLimits.OFF,
            store.secret(), StopSignal.never());
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong nanoTime = new AtomicLong();
    private final Client client = new Client();
    private final SyncWorker worker = new SyncWorker(client, true, new SyncContext(store, runner,
            new Calls(runner, new FaultInjector(), StopSignal.never()), new AdminKey("k"), executor, Heartbeat.CONVEX,
            nanoTime::get));

    /** A connection whose messages are sent only when a test says so. */
    private static final class Client implements Connection {

        private record Sent(String text, Runnable done) {}

        private final BlockingQueue<Sent> messages = new LinkedBlockingQueue<>();
        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        @Override
        public void send(String text, Runnable sent) {
            messages.add(new Sent(text, sent));
        }

        @Override
        public void ping(Runnable sent) {
            sent.run();
            events.add("ping");
        }

        @Override
        public void demand() {
            events.add("demand");
        }

        @Override
        public void close(int code, String reason) {
            events.add("close " + code);
        }

        @Override
        public void disconnect() {
            events.add("disconnect");
        }

        private static <T> T next(BlockingQueue<T> queue) {
            try {
                T next = queue.poll(30, TimeUnit.SECONDS);
                assertThat(next).isNotNull();
                return next;
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }

        Sent nextMessage() {
            return next(messages);
        }

        String nextEvent() {
            return next(events);
        }
    }

    @BeforeEach
    void start() {
        runner.install(List.of(
                FunctionDefinition.mutation("m:add", Visibility.PUBLIC, Validator.object(),
                        (db, _) -> ConvexValue.of(db.insert("things", ConvexObject.EMPTY))),
                FunctionDefinition.query("m:count", Visibility.PUBLIC, Validator.object(), (db, _) -> {
                    runs.incrementAndGet();
                    return ConvexValue.number((double) db.count("things"));
                })));
        executor.execute(worker);
        assertThat(client.nextEvent()).isEqualTo("demand");
    }

    @AfterEach
    void close() {
        worker.closed();
        executor.close();
        store.close();
    }

    private void awaitWorker() {
        worker.beat();
        assertThat(client.nextEvent()).isEqualTo("ping");
    }

    @Test
    void aClientThatDoesNotReadIsNotComputedForAndNotReadFrom() {
        worker.receive("{\"type\":\"ModifyQuerySet\",\"baseVersion\":0,\"newVersion\":1,\"modifications\":["
                + RawClient.add(0, "m:count", "{}") + "]}");
        assertThat(client.nextEvent()).isEqualTo("demand");
        Client.Sent unread = client.nextMessage();
        for (int i = 0; i < 50; i++) {
            runner.run("m:add", FunctionKind.MUTATION, ConvexObject.EMPTY, Caller.ANONYMOUS, Disturbance.NONE);
            awaitWorker();
        }
        assertThat(runs).as("one on its way, %d waiting, one being computed", Outbox.MAX_TRANSITIONS)
                .hasValueLessThanOrEqualTo(2 + Outbox.MAX_TRANSITIONS);
        assertThat(client.messages).isEmpty();

        String last = unread.text();
        while (!last.contains("\"value\":50.0")) {
            unread.done().run();
            unread = client.nextMessage();
            last = unread.text();
        }
        assertThat(client.events).isEmpty();
    }

    @Test
    void anIdleClientGetsAPing() {
        nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(14));
        awaitWorker();
        assertThat(client.messages).isEmpty();

        nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(1));
        worker.beat();
        assertThat(client.nextMessage().text()).isEqualTo("{\"type\":\"Ping\"}");
    }

    @Test
    void aClientWithoutASignOfLifeIsGivenUp() {
        nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(119));
        worker.heard();
        nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(119));
        awaitWorker();

        nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(1));
        worker.beat();
        assertThat(client.nextEvent()).isEqualTo("disconnect");
    }
}
