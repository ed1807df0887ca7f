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
