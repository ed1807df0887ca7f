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
package dev.convexbackfill.readerswriters.journal;

import dev.convexbackfill.config.repository.RepositorySchema;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Where the journals of runs are: on PostgreSQL each in a table of its own, which is dropped at once; on H2 all in one.
 * Thread-safe.
 */
public sealed interface JournalSpace permits PartitionedJournals, SharedJournals {

    /** That of a repository. */
    static JournalSpace in(DataSource dataSource, TransactionOperations transactions) {
        JdbcClient jdbc = JdbcClient.create(dataSource);
        SharedJournals shared = new SharedJournals(jdbc, transactions);
        return RepositorySchema.isPostgres(dataSource)
                ? new PartitionedJournals(jdbc, transactions, shared, PartitionedJournals.ATTEMPTS)
                : shared;
    }

    /** Makes room for what a new run will change. The caller has the transaction open that creates the run. */
    void open(String run);

    /**
     * Drops the journal of a run that is at rest, and will stay so; if there is none, nothing is done. Who is killed meanwhile has
     * dropped all of it, none, or a part, and the same call drops the rest. The caller has no transaction open. Throws
     * {@link JournalInUseException}, and has dropped nothing, if others do not let go of it for minutes.
     */
    void drop(String run);
}
