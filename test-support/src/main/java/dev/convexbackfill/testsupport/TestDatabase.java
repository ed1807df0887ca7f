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
package dev.convexbackfill.testsupport;

import java.nio.file.Path;
import java.util.UUID;

/**
 * An empty database for a job repository.
 *
 * @param url      a JDBC URL
 * @param username who may use it
 * @param password with what
 */
public record TestDatabase(String url, String username, String password) {

    /** The databases that a repository can be in. */
    public enum Kind {

        H2 {
            @Override
            public TestDatabase create(Path folder) {
                return new TestDatabase("jdbc:h2:file:" + folder.resolve("repository"), "sa", "");
            }
        },

        POSTGRESQL {
            @Override
            public TestDatabase create(Path folder) {
                return TestPostgres.shared().createDatabase("test_" + UUID.randomUUID().toString().replace('-', '_'));
            }
        };

        /** Makes one; what belongs to a file goes to {@code folder}. */
        public abstract TestDatabase create(Path folder);
    }
}
