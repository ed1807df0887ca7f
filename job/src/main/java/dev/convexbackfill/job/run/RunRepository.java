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

import dev.convexbackfill.job.canary.CanaryStore;
import dev.convexbackfill.job.point.PointStore;
import dev.convexbackfill.partitioner.dispatch.TaskStore;
import dev.convexbackfill.partitioner.range.RangeStore;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.journal.JournalSpace;
import dev.convexbackfill.readerswriters.journal.JournalStore;
import dev.convexbackfill.readerswriters.quarantine.QuarantineStore;
import dev.convexbackfill.readerswriters.selection.SelectionStore;
import dev.convexbackfill.readerswriters.transform.ExternalTransforms;
import dev.convexbackfill.readerswriters.transform.ReferenceTransforms;
import dev.convexbackfill.readerswriters.writer.RangeStores;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * All that the job repository keeps of runs.
 *
 * @param stores     what a range's owner writes
 * @param journals   where the journals of runs are made and dropped
 * @param selections which documents were found in an index, or by a query of the app
 */
public record RunRepository(RunStore runs, RangeStores stores, JournalSpace journals, SelectionStore selections,
        TaskStore tasks, JdbcClient jdbc,
        TransactionTemplate transactions) {

    public static RunRepository over(DataSource dataSource) {
        JdbcClient jdbc = JdbcClient.create(dataSource);
        TransactionTemplate transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        RangeStore ranges = new RangeStore(jdbc, transactions);
        RangeStores stores = new RangeStores(ranges, new JournalStore(jdbc), new QuarantineStore(jdbc), transactions);
        JournalSpace journals = JournalSpace.in(dataSource, transactions);
        return new RunRepository(new RunStore(jdbc, transactions, ranges, journals), stores, journals,
                new SelectionStore(new JdbcTemplate(dataSource), transactions), new TaskStore(jdbc, transactions), jdbc,
                transactions);
    }

    /** How runs began. */
    public PointStore points() {
        return new PointStore(jdbc, transactions);
    }

    /** The canaries of runs. */
    public CanaryStore canaries() {
        return new CanaryStore(jdbc, transactions);
    }

    /** What the steps of plans need from outside: ids of earlier runs from here, all else from {@code others}. */
    public ExternalTransforms transforms(ExternalTransforms others) {
        return new ReferenceTransforms(new IdMappingStore(jdbc), transactions, others);
    }
}
