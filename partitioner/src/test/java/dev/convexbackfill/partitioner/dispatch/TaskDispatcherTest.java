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
package dev.convexbackfill.partitioner.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.config.repository.TestRepository;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher.Verdict;
import dev.convexbackfill.partitioner.dispatch.TaskDispatcher.Work;
import dev.convexbackfill.testsupport.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class TaskDispatcherTest {

    private static final Duration LEASE = Duration.ofSeconds(4);

    @TempDir
    private Path folder;

    private final List<AutoCloseable> closing = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : closing.reversed()) {
            closeable.close();
        }
    }

    private final class Queue {

        private final TestRepository repository;
        private final JdbcClient jdbc;
        private final TaskStore store;

        Queue(TestDatabase.Kind kind) {
            repository = TestRepository.create(kind, folder);
            closing.add(repository);
            jdbc = JdbcClient.create(repository.dataSource());
            store = new TaskStore(jdbc, new TransactionTemplate(new JdbcTransactionManager(repository.dataSource())));
        }

        TaskDispatcher dispatcher(TaskScope scope, Work work) {
            TaskDispatcher dispatcher = new TaskDispatcher(TaskQueue.RANGES, repository.dataSource(),
                    new DatabaseClock(jdbc), store, scope, LEASE, 4, work);
            closing.add(() -> {
                dispatcher.drain("the test is over");
                dispatcher.close();
            });
            dispatcher.start();
            return dispatcher;
        }

        void insertHeld(TaskId task, String holder, Duration silent) {
            jdbc.sql("""
                    insert into range_task (task_name, task_instance, execution_time, picked, picked_by, last_heartbeat,
                      version, priority)
                    values ('range', :task, current_timestamp, true, :holder, :heartbeat, 2, 0)""")
                    .param("task", task.toString()).param("holder", holder)
                    .param("heartbeat", OffsetDateTime.now(ZoneOffset.UTC).minus(silent)).update();
        }
    }

    private static List<TaskId> tasks(String run, int count) {
        return LongStream.rangeClosed(1, count).mapToObj(number -> new TaskId(run, number)).toList();
    }

    @ParameterizedTest
    @EnumSource
    void everyTaskIsDoneOnceHoweverManyProcessesWork(TestDatabase.Kind kind) {
        Queue queue = new Queue(kind);
        Map<TaskId, Integer> done = new ConcurrentHashMap<>();
        Work work = lease -> {
            done.merge(lease.task(), 1, Integer::sum);
            return Verdict.DONE;
        };
        TaskDispatcher first = queue.dispatcher(new TaskScope.AllRuns(), work);
        queue.dispatcher(new TaskScope.AllRuns(), work);

        first.schedule(tasks("r", 100));
        await().untilAsserted(() -> assertThat(done).hasSize(100));
        await().untilAsserted(() -> assertThat(queue.store.ofRun(TaskQueue.RANGES, "r")).isEmpty());
        assertThat(done.values()).containsOnly(1);
    }

    @ParameterizedTest
    @EnumSource
    void theFenceGrowsEachTimeThatATaskChangesHands(TestDatabase.Kind kind) {
        Queue queue = new Queue(kind);
        ConcurrentLinkedQueue<Long> fences = new ConcurrentLinkedQueue<>();
        AtomicInteger attempts = new AtomicInteger();
        TaskDispatcher dispatcher = queue.dispatcher(new TaskScope.AllRuns(), lease -> {
            fences.add(lease.fence());
            return switch (attempts.incrementAndGet()) {
                case 1 -> Verdict.HAND_BACK;
                case 2 -> throw new IllegalStateException("a failure of the infrastructure");
                case 3 -> Verdict.RETRY;
                default -> Verdict.DONE;
            };
        });

        dispatcher.schedule(tasks("r", 1));
        await().untilAsserted(() -> assertThat(fences).hasSize(4));
        assertThat(List.copyOf(fences)).isSorted().doesNotHaveDuplicates().allMatch(fence -> fence >> 20 == 1);
        assertThat(new Lease(new TaskId("r", 2), 0, StopSignal.never(), () -> true).fence())
                .as("a later step execution beats every version of an earlier one").isGreaterThan(fences.peek() + 1000);
    }

    @ParameterizedTest
    @EnumSource
    void aTaskWhoseOwnerFellSilentIsTakenOver(TestDatabase.Kind kind) {
        Queue queue = new Queue(kind);
        queue.insertHeld(new TaskId("r", 1), "somebody", Duration.ofHours(1));
        CountDownLatch taken = new CountDownLatch(1);
        queue.dispatcher(new TaskScope.AllRuns(), lease -> {
            assertThat(lease.version()).isGreaterThan(2);
            taken.countDown();
            return Verdict.DONE;
        });

        await().atMost(LEASE.multipliedBy(10)).untilAsserted(() -> assertThat(taken.getCount()).isZero());
    }

    @ParameterizedTest
    @EnumSource
    void anOwnerThatWasReplacedIsTold(TestDatabase.Kind kind) {
        Queue queue = new Queue(kind);
        ConcurrentLinkedQueue<String> reasons = new ConcurrentLinkedQueue<>();
        TaskDispatcher dispatcher = queue.dispatcher(new TaskScope.AllRuns(), lease -> {
            lease.ended().await(Duration.ofMinutes(1));
            reasons.add(String.valueOf(lease.ended().reason()));
            return Verdict.DONE;
        });
        dispatcher.schedule(tasks("r", 1));
        await().until(() -> !dispatcher.isIdle());
        queue.jdbc.sql("update range_task set version = version + 10, picked_by = 'somebody else'").update();

        await().untilAsserted(() -> assertThat(reasons).containsExactly("the task was taken over by another process"));
    }

    @Test
    void aProcessLeavesTheTasksOfOtherRunsAlone() {
        Queue queue = new Queue(TestDatabase.Kind.H2);
        queue.insertHeld(new TaskId("theirs", 2), "somebody", Duration.ofHours(1));
        Map<TaskId, Integer> done = new ConcurrentHashMap<>();
        TaskDispatcher dispatcher = queue.dispatcher(new TaskScope.OneRun("ours"), lease -> {
            done.merge(lease.task(), 1, Integer::sum);
            return Verdict.DONE;
        });
        dispatcher.schedule(tasks("theirs", 1));
        dispatcher.schedule(tasks("ours", 1));
        await().untilAsserted(() -> assertThat(done).containsOnlyKeys(new TaskId("ours", 1)));
        await().pollDelay(LEASE.dividedBy(2)).untilAsserted(() -> assertThat(done).hasSize(1));
        assertThat(queue.store.ofRun(TaskQueue.RANGES, "theirs")).containsOnlyKeys(1L, 2L);
    }

    @Test
    void tasksOfProcessesThatAreDeadForSureNeedNotExpire() {
        Queue queue = new Queue(TestDatabase.Kind.H2);
        ProcessName own = ProcessName.current();
        String dead = new ProcessName(own.pid(), own.startedAt() - 5000, own.host()).toString();
        String elsewhere = new ProcessName(own.pid(), own.startedAt() - 5000, "another-machine").toString();
        int number = 0;
        for (String holder : List.of(dead, elsewhere, own.toString())) {
            queue.insertHeld(new TaskId("r", number++), holder, Duration.ZERO);
        }
        queue.store.freeFromTheDead(TaskQueue.RANGES, "r");

        Map<Long, TaskStore.TaskRow> rows = queue.store.ofRun(TaskQueue.RANGES, "r");
        assertThat(rows.values()).extracting(row -> row.isFree(LEASE)).containsExactly(true, false, false);
        assertThat(rows.values()).extracting(TaskStore.TaskRow::holder).containsExactly(null, elsewhere,
                own.toString());
    }

    @ParameterizedTest
    @EnumSource
    void aTaskIsHeldByOneProcessInOneVersion(TestDatabase.Kind kind) {
        Queue queue = new Queue(kind);
        queue.insertHeld(new TaskId("r", 0), ProcessName.current().toString(), Duration.ZERO);
        queue.insertHeld(new TaskId("r", 1), "another, of a later task with the same name", Duration.ZERO);

        assertThat(queue.store.isHeld(TaskQueue.RANGES, new TaskId("r", 0), 2)).isTrue();
        assertThat(queue.store.isHeld(TaskQueue.RANGES, new TaskId("r", 0), 1)).isFalse();
        assertThat(queue.store.isHeld(TaskQueue.RANGES, new TaskId("r", 1), 2)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aTaskThatIsKeptIsNotTakenOverBeforeTheTransactionEnds(TestDatabase.Kind kind) {
        Queue queue = new Queue(kind);
        TaskId task = new TaskId("r", 1);
        queue.insertHeld(task, ProcessName.current().toString(), Duration.ofHours(1));
        CountDownLatch taken = new CountDownLatch(1);
        TransactionTemplate transactions = new TransactionTemplate(
                new JdbcTransactionManager(queue.repository.dataSource()));
        transactions.executeWithoutResult(_ -> {
            assertThat(queue.store.keepHeld(TaskQueue.RANGES, task, 2)).isTrue();
            queue.dispatcher(new TaskScope.AllRuns(), _ -> {
                taken.countDown();
                return Verdict.DONE;
            });
            await().during(LEASE.dividedBy(4)).until(() -> taken.getCount() == 1);
        });

        await().until(() -> taken.getCount() == 0);
        assertThat(queue.store.keepHeld(TaskQueue.RANGES, task, 2)).isFalse();
    }

    @Test
    void theNameOfAProcessSurvivesTheRepository() {
        ProcessName own = ProcessName.current();

        assertThat(ProcessName.parse(own.toString()))
                .hasValueSatisfying(parsed -> assertThat(parsed.isKnownDead()).isFalse());
        assertThat(own.toString()).hasSizeLessThanOrEqualTo(50);
        assertThat(ProcessName.parse("a scheduler of somebody else")).isEmpty();
    }
}
