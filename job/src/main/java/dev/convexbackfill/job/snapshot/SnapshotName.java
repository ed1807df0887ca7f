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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.job.run.RefusedException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Names of snapshots: those of folders and of objects in a store, too. */
public final class SnapshotName {

    private static final Pattern VALID = Pattern.compile("[a-z0-9][a-z0-9-]{0,59}");
    /** What follows {@code ./backfill snapshot} as a word of its own. */
    private static final Set<String> WORDS = Set.of("list", "diff", "restore");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private SnapshotName() {}

    static boolean isValid(String name) {
        return VALID.matcher(name).matches() && !WORDS.contains(name);
    }

    /** Throws {@link RefusedException} for what can't be one. */
    public static String require(String name) {
        if (!isValid(name)) {
            throw new RefusedException(
                    "The name of a snapshot is 1 to 60 lower-case letters, digits and dashes, and none of list, diff and restore; not '%s'"
                            .formatted(name));
        }
        return name;
    }

    /** That of a snapshot that nobody has named. */
    public static String at(Instant time) {
        return "snapshot-" + TIME.format(time);
    }

    static RefusedException taken(String name, String place) {
        return new RefusedException(
                "There is already a snapshot '%s' in %s; give this one another name".formatted(name, place));
    }
}
