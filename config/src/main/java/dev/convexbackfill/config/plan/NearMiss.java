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
package dev.convexbackfill.config.plan;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that somebody may have meant. */
final class NearMiss {

    private static final int MAX_EDITS = 2;

    private NearMiss() {}

    /** The word that is the fewest edits away from {@code written}; empty if all are far. */
    static Optional<String> among(Collection<String> words, String written) {
        int allowed = Math.min(MAX_EDITS, written.length() / 2);
        return words.stream().filter(word -> edits(word, written) <= allowed)
                .min(Comparator.comparingInt((String word) -> edits(word, written)).thenComparing(word -> word));
    }

    /** What to add to a message about {@code written}; empty if no word is near. */
    static String hint(Collection<String> words, String written) {
        return among(words, written).map(word -> "; did you mean '%s'?".formatted(word)).orElse("");
    }

    /** Letters to insert, remove, replace, or swap with their neighbour; upper and lower case are the same. */
    private static int edits(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[][] edits = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                int replaced = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                edits[i][j] = Math.min(replaced, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
                boolean isSwapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1);
                if (isSwapped) {
                    edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
                }
            }
        }
        return edits[a.length()][b.length()];
    }
}
