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

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;

import org.jspecify.annotations.Nullable;

/**
 * Where the job repository is.
 *
 * @param url      a JDBC URL of PostgreSQL or of an H2 file
 * @param username null if the URL says it, or none is needed
 * @param password null if the URL says it, or none is needed
 */
public record RepositoryLocation(String url, @Nullable String username, @Nullable String password) {

    private static final String H2 = "jdbc:h2:";
    private static final List<String> NOT_A_FILE = List.of("mem:", "tcp:", "ssl:");
    private static final String POSTGRESQL = "jdbc:postgresql:";

    /**
     * Without a delay, because what a commit has promised must survive the death of the process: H2 would otherwise write up
     * to half a second later. With a server in the process that has the file open, so that other commands can look on.
     */
    private static final String H2_OPTIONS = ";WRITE_DELAY=0;AUTO_SERVER=TRUE";

    /** Throws {@link IllegalArgumentException}, without the password in it, for any other kind of database. */
    public RepositoryLocation {
        if (!url.startsWith(H2) && !url.startsWith(POSTGRESQL)) {
            throw new IllegalArgumentException(
                    "The repository must be a PostgreSQL database or an H2 file, as in '%s//host/name' or '%sfile:./name'"
                            .formatted(POSTGRESQL, H2));
        }
    }

    /** An H2 file in {@code folder}. */
    public static RepositoryLocation inFolder(Path folder) {
        return new RepositoryLocation(H2 + "file:" + folder.resolve("repository").toAbsolutePath(), null, null);
    }

    boolean isH2() {
        return url.startsWith(H2);
    }

    /** The URL to connect with. */
    String jdbcUrl() {
        return isH2() && !url.contains("mem:") ? url + H2_OPTIONS : url;
    }

    /** True if nothing was ever kept there. Only an H2 file tells without being connected to. */
    public boolean isAbsent() {
        return isFile() && !Files.exists(file(".mv.db"));
    }

    /**
     * False only for an H2 file that no process has open. Who connects to it then opens it, serves it to all others, and leaves
     * them without when it ends.
     */
    public boolean isOpen() {
        return !isFile() || Files.exists(file(".lock.db"));
    }

    private boolean isFile() {
        return isH2() && NOT_A_FILE.stream().noneMatch(url.substring(H2.length())::startsWith);
    }

    private Path file(String ending) {
        String path = withoutOptions().substring(H2.length()).replaceFirst("^file:", "");
        String home = Matcher.quoteReplacement(System.getProperty("user.home"));
        return Path.of(path.replaceFirst("^~", home) + ending);
    }

    private String withoutOptions() {
        int end = url.length();
        for (char delimiter : new char[]{'?', ';'}) {
            int at = url.indexOf(delimiter);
            end = at < 0 ? end : Math.min(end, at);
        }
        return url.substring(0, end);
    }

    /** For people: without anything that could be a secret. */
    public String describe() {
        return withoutOptions().replaceFirst("//[^@/]*@", "//");
    }

    @Override
    public String toString() {
        return describe();
    }
}
