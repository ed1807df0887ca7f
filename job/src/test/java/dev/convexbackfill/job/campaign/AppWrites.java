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
package dev.convexbackfill.job.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The numbered writes of an app, as it noted them in lines of a file: {@code tried TARGET NUMBER} before it called, and
 * {@code confirmed TARGET NUMBER} when it had the answer.
 */
final class AppWrites {

    private final Map<String, NavigableSet<Long>> tried = new HashMap<>();
    private final Map<String, NavigableSet<Long>> confirmed = new HashMap<>();

    /** No writes where there is no file. */
    static AppWrites notedIn(Path file) {
        AppWrites writes = new AppWrites();
        try {
            for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
                writes.add(line.split(" ", -1));
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return writes;
    }

    private void add(String[] words) {
        // the app was killed, perhaps in the middle of a line
        if (words.length == 3 && !words[2].isEmpty()) {
            (words[0].equals("confirmed") ? confirmed : tried).computeIfAbsent(words[1], _ -> new TreeSet<>())
                    .add(Long.parseLong(words[2]));
        }
    }

    int countConfirmed() {
        return confirmed.values().stream().mapToInt(Set::size).sum();
    }

    NavigableSet<Long> confirmed(String target) {
        return confirmed.getOrDefault(target, new TreeSet<>());
    }

    private NavigableSet<Long> tried(String target) {
        return tried.getOrDefault(target, new TreeSet<>());
    }

    /** Whether the writes that are found are all that were confirmed, perhaps some that were tried, and none twice. */
    boolean areThese(String target, Collection<Long> found) {
        Set<Long> distinct = new HashSet<>(found);
        return distinct.size() == found.size() && distinct.containsAll(confirmed(target))
                && tried(target).containsAll(distinct);
    }

    /** Whether so many writes can have come through. */
    boolean canBe(String target, int count) {
        return confirmed(target).size() <= count && count <= tried(target).size();
    }

    /** Of writes that were made one after the other: those that can be the last, because no later one was confirmed. */
    Set<Long> possiblyLast(String target) {
        NavigableSet<Long> sure = confirmed(target);
        return sure.isEmpty() ? tried(target) : tried(target).tailSet(sure.last(), true);
    }
}
