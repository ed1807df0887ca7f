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

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Looks into the queues, beside the schedulers that work them off. Each method is one short transaction. Thread-safe. */
public final class TaskStore {

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;

    public TaskStore(JdbcClient jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /**
     * A task in a queue.
     *
     * @param holder the text form of a {@link ProcessName}; null if no process holds it
     * @param silent how long ago the holder last said that it lives
     */
    public record TaskRow(TaskId id, @Nullable String holder, Duration silent) {

        /** True unless a process holds it that may be alive. */
        public boolean isFree(Duration lease) {
            return holder == null || silent.compareTo(lease) > 0
                    || ProcessName.parse(holder).filter(ProcessName::isKnownDead).isPresent();
        }
    }

    /** One task; empty if it is not in the queue. */
    public Optional<TaskRow> find(TaskQueue queue, TaskId id) {
        return jdbc.sql("select task_instance, picked, picked_by, last_heartbeat, current_timestamp as now from "
                + queue.table() + " where task_name = :name and task_instance = :instance")
                .param("name", queue.taskName()).param("instance", id.toString()).query(TaskStore::row).optional();
    }

    /** All tasks of a run, by number. */
    public Map<Long, TaskRow> ofRun(TaskQueue queue, String run) {
        Map<Long, TaskRow> tasks = new TreeMap<>();
        jdbc.sql("select task_instance, picked, picked_by, last_heartbeat, current_timestamp as now from "
                + queue.table()
                + " where task_name = :name and task_instance like :instances")
                .param("name", queue.taskName()).param("instances", run + "/%").query(TaskStore::row).list()
                .forEach(row -> tasks.put(row.id().number(), row));
        return tasks;
    }

    private static TaskRow row(ResultSet row, int index) throws SQLException {
        OffsetDateTime heartbeat = row.getObject("last_heartbeat", OffsetDateTime.class);
        OffsetDateTime now = row.getObject("now", OffsetDateTime.class);
        return new TaskRow(TaskId.parse(row.getString("task_instance")),
                row.getBoolean("picked") ? row.getString("picked_by") : null,
                heartbeat == null ? Duration.ZERO : Duration.between(heartbeat, now));
    }

    /** Whether this process still holds the task in that version. */
    public boolean isHeld(TaskQueue queue, TaskId id, long version) {
        return held(queue, id, version, "");
    }

    /** The same, and if so, nobody takes the task over before the caller's transaction ends. */
    public boolean keepHeld(TaskQueue queue, TaskId id, long version) {
        return held(queue, id, version, " for update");
    }

    /** Versions begin anew with each new task, so the holder counts too. */
    private boolean held(TaskQueue queue, TaskId id, long version, String lock) {
        return jdbc
                .sql("select version from " + queue.table() + " where task_name = :name and task_instance = :instance"
                        + " and version = :version and picked = true and picked_by = :holder" + lock)
                .param("name", queue.taskName()).param("instance", id.toString()).param("version", version)
                .param("holder", ProcessName.current().toString())
                .query(Long.class).optional().isPresent();
    }

    /** Deletes all tasks of a run: who still works on one notices with its next sign of life, and its fence is old. */
    public void deleteOfRun(TaskQueue queue, String run) {
        transactions.executeWithoutResult(_ -> jdbc
                .sql("delete from " + queue.table() + " where task_name = :name and task_instance like :instances")
                .param("name", queue.taskName()).param("instances", run + "/%").update());
    }

    /** Frees the tasks of a run that processes hold which are dead for sure, so that nobody waits for their leases. */
    public void freeFromTheDead(TaskQueue queue, String run) {
        List<String> dead = ofRun(queue, run).values().stream().map(TaskRow::holder)
                .filter(holder -> holder != null
                        && ProcessName.parse(holder).filter(ProcessName::isKnownDead).isPresent())
                .distinct().toList();
        for (String holder : dead) {
            transactions.executeWithoutResult(_ -> jdbc.sql("update " + queue.table()
                    + " set picked = false, picked_by = null, last_heartbeat = null, version = version + 1,"
                    + " execution_time = current_timestamp"
                    + " where task_name = :name and task_instance like :instances and picked = true and picked_by = :holder")
                    .param("name", queue.taskName()).param("instances", run + "/%").param("holder", holder).update());
        }
    }
}
