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
package dev.convexbackfill.readerswriters.writer;

import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Documents in their order, and what has become of each after the app's own function was called. For one thread. */
final class CalledDocuments {

    private final List<DocumentOutcome> outcomes = new ArrayList<>();
    private final List<QuarantinedDocument> quarantined = new ArrayList<>();
    private int deleted;
    private @Nullable String last;

    /** One that the function has taken, or for which it need not be called. */
    void add(DocumentOutcome outcome) {
        outcomes.add(outcome);
        last = outcome.id();
    }

    /** One that the function does not take. */
    void addQuarantined(QuarantinedDocument document) {
        quarantined.add(document);
        last = document.id();
    }

    /** One that the app has deleted. */
    void addDeleted(String id) {
        deleted++;
        last = id;
    }

    List<DocumentOutcome> outcomes() {
        return List.copyOf(outcomes);
    }

    List<QuarantinedDocument> quarantined() {
        return List.copyOf(quarantined);
    }

    int deleted() {
        return deleted;
    }

    /** How many there are. */
    int size() {
        return outcomes.size() + quarantined.size() + deleted;
    }

    /** The id of the last; null if there is none. */
    @Nullable
    String last() {
        return last;
    }
}
