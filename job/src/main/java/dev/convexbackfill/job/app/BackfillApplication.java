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

import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.repository.RepositorySchema;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.GenericApplicationContext;

/** The part of the application that Spring puts together: the job repository and what Spring Batch builds on it. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class BackfillApplication {

    /** Every range needs one only for moments. */
    private static final int CONNECTIONS = 12;

    private static final Map<String, Object> PROPERTIES = Map.of(
            "spring.batch.job.enabled", "false",
            "spring.batch.jdbc.initialize-schema", "never",
            // the default, SERIALIZABLE, fails concurrent partitions on PostgreSQL
            "spring.batch.jdbc.isolation-level-for-create", "READ_COMMITTED",
            "spring.main.banner-mode", "off",
            "spring.main.log-startup-info", "false",
            "spring.main.register-shutdown-hook", "false",
            "logging.config", "classpath:logback.xml");

    static ConfigurableApplicationContext start(RepositoryLocation location) {
        ApplicationContextInitializer<GenericApplicationContext> withLocation = context -> context
                .registerBean(RepositoryLocation.class, () -> location);
        return new SpringApplicationBuilder(BackfillApplication.class)
                .web(WebApplicationType.NONE)
                .registerShutdownHook(false)
                .properties(PROPERTIES)
                .initializers(withLocation)
                .run();
    }

    @Bean(destroyMethod = "close")
    DataSource repositoryDataSource(RepositoryLocation location) {
        DataSource dataSource = RepositoryDataSource.forRuns(location, CONNECTIONS);
        RepositorySchema.migrate(dataSource);
        return dataSource;
    }
}
