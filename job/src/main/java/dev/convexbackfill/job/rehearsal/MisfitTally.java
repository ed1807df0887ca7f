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
package dev.convexbackfill.job.rehearsal;

import dev.convexbackfill.job.schema.SchemaState;
import dev.convexbackfill.local.schema.Misfit;
import java.util.ArrayList;
import java.util.List;

/** Counts the results that do not fit a schema, and keeps the first. For one thread. */
final class MisfitTally {

    private static final int MAX_LISTED = 100;
    private static final int MAX_TEXT = 200;

    private final List<RehearsalReport.Misfitting> first = new ArrayList<>();
    private long changed;
    private long unchanged;

    void add(RehearsedDocument document, Misfit misfit) {
        boolean isChanged = document.sent() > 0;
        if (isChanged) {
            changed++;
        } else {
            unchanged++;
        }
        if (first.size() < MAX_LISTED) {
            first.add(new RehearsalReport.Misfitting(document.id(), isChanged, misfit.path(),
                    shortened(misfit.expected()), shortened(misfit.found())));
        }
    }

    private static String shortened(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }

    RehearsalReport.SchemaReport report(SchemaState state) {
        return new RehearsalReport.SchemaReport(state, changed, unchanged, first);
    }
}
