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
package dev.convexbackfill.job.run;

import org.springframework.batch.core.job.JobExecution;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Ends, in the repository, job executions whose process is gone, so that the job can be started again. The caller holds the
 * run's task, which proves that nobody else executes it; a process that wakes up finds newer versions of its rows and fails
 * to save them. Does what {@code JobOperator.recover} does, and also for executions that were left UNKNOWN, which that
 * leaves alone.
 */
final class JobRecovery {

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;

    JobRecovery(JdbcClient jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    void recover(JobExecution execution) {
        transactions.executeWithoutResult(_ -> {
            jdbc.sql("""
                    update batch_step_execution
                    set status = 'FAILED', exit_code = 'FAILED', end_time = current_timestamp, version = version + 1
                    where job_execution_id = :id and status in ('STARTING', 'STARTED', 'STOPPING', 'UNKNOWN')""")
                    .param("id", execution.getId()).update();
            jdbc.sql("""
                    update batch_job_execution
                    set status = 'FAILED', exit_code = 'FAILED', end_time = current_timestamp, version = version + 1
                    where job_execution_id = :id and status in ('STARTING', 'STARTED', 'STOPPING', 'UNKNOWN')""")
                    .param("id", execution.getId()).update();
        });
    }
}
