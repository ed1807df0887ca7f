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

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Tells jobs that ended because the repository was away from those that failed: these are started again, until they have ended
 * at once for so long. The job's ranges wait for the repository themselves. Thread-safe.
 */
final class RepositoryOutages {

    /** A job that lasts so long has found the repository as it should be. */
    private static final Duration WORKING = Duration.ofSeconds(30);

    private final Duration patience;
    private final Map<String, Long> failingSince = new ConcurrentHashMap<>();

    RepositoryOutages(Duration patience) {
        this.patience = patience;
    }

    /** True if the job of the run should be started again. */
    boolean mayPass(String run, JobExecution ended) {
        List<Throwable> failures = ended.getAllFailureExceptions();
        if (failures.isEmpty() || !failures.stream().allMatch(RepositoryOutages::isOfRepository)) {
            failingSince.remove(run);
            return false;
        }
        LocalDateTime began = ended.getStartTime();
        boolean hasWorked = began != null && began.isBefore(LocalDateTime.now(ZoneId.systemDefault()).minus(WORKING));
        long now = System.nanoTime();
        long since = hasWorked ? now : failingSince.getOrDefault(run, now);
        failingSince.put(run, since);
        return now - since < patience.toNanos();
    }

    private static boolean isOfRepository(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DataAccessException || cause instanceof TransactionException) {
                return true;
            }
        }
        return false;
    }
}
