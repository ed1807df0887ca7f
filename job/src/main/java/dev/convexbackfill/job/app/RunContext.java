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
package dev.convexbackfill.job.app;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.report.ReportStore;
import dev.convexbackfill.job.run.RunEngine;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.partitioner.dispatch.TaskScope;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.context.ConfigurableApplicationContext;

/** The application as far as executing runs needs it. Closing it closes the repository. */
public final class RunContext implements AutoCloseable {

    private final ConfigurableApplicationContext context;
    private final HikariDataSource dispatch;
    private final RunRepository repository;
    private final BackfillSettings settings;

    private RunContext(ConfigurableApplicationContext context, HikariDataSource dispatch, BackfillSettings settings) {
        this.context = context;
        this.dispatch = dispatch;
        this.settings = settings;
        this.repository = RunRepository.over(context.getBean(DataSource.class));
    }

    /** Opens the repository and brings its tables up to date. Throws if it can't be reached. */
    public static RunContext open(RepositoryLocation location, BackfillSettings settings) {
        ConfigurableApplicationContext context = BackfillApplication.start(location);
        try {
            Duration timeout = settings.lease().dividedBy(6);
            return new RunContext(context, RepositoryDataSource.forDispatch(location, timeout), settings);
        } catch (RuntimeException failed) {
            context.close();
            throw failed;
        }
    }

    public RunRepository repository() {
        return repository;
    }

    /** Executes runs in this process; the caller starts and closes it. */
    public RunEngine engine(DeployKey key, TaskScope scope, int rangesAtOnce, Runnable onRunLost) {
        return new RunEngine(repository, dispatch, context.getBean(JobRepository.class),
                context.getBean(JobOperator.class), key,
                settings, scope, rangesAtOnce, new ReportStore(repository, settings.lease())::keep, onRunLost);
    }

    @Override
    public void close() {
        dispatch.close();
        context.close();
    }
}
