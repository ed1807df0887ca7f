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
package dev.convexbackfill.job.reference;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * The fields of a table that references were found in. There are at most so many, however many names the documents have: of
 * those that come later only the outermost field is told, {@code votes.**}, and at last not even that. For one thread.
 */
final class FieldNames {

    /** Anywhere in the document. */
    static final String ANYWHERE = "**";
    static final int MOST = 50;
    private static final int MOST_ROOTS = 2 * MOST;
    private static final int MAX_LENGTH = 500;

    private final Set<String> known;

    FieldNames(Collection<String> known) {
        this.known = new HashSet<>(known);
    }

    /** What the place is called. */
    String of(FieldStep field) {
        String whole = field.path();
        if (isKnown(whole, MOST)) {
            return whole;
        }
        String inside = field.root() + ".**";
        return isKnown(inside, MOST_ROOTS) ? inside : ANYWHERE;
    }

    private boolean isKnown(String name, int most) {
        return known.contains(name) || (name.length() <= MAX_LENGTH && known.size() < most && known.add(name));
    }
}
