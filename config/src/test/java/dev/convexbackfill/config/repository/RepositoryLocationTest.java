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
package dev.convexbackfill.config.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryLocationTest {

    @TempDir
    private Path folder;

    @Test
    void tellsWithoutOpeningItWhetherAnH2FileIsOpen() {
        RepositoryLocation location = RepositoryLocation.inFolder(folder);
        assertThat(location.isOpen()).isFalse();
        assertThat(location.isAbsent()).isTrue();

        try (HikariDataSource _ = RepositoryDataSource.forOneQuestion(location)) {
            assertThat(location.isOpen()).isTrue();
        }

        assertThat(location.isOpen()).isFalse();
        assertThat(location.isAbsent()).isFalse();
    }

    @Test
    void aServerIsAlwaysOpen() {
        assertThat(new RepositoryLocation("jdbc:postgresql://127.0.0.1/backfill", null, null).isOpen()).isTrue();
    }
}
