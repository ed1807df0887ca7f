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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.job.rehearsal.RehearsalReport.Counts;
import dev.convexbackfill.job.rehearsal.RehearsalReport.FailingDocument;
import dev.convexbackfill.job.schema.SchemaRules;
import dev.convexbackfill.local.limits.ValueRules;
import dev.convexbackfill.local.schema.Misfit;
import java.util.ArrayList;
import java.util.List;

/** Sums up what was rehearsed, in a space that does not grow with the table. Thread-safe. */
final class RehearsalTally {

    private static final int MAX_FAILING = 20;

    private final ReasonTally reasons;
    private final FieldTally fields = new FieldTally();
    private final PairSample pairs;
    private final LargestDocuments largestBefore = new LargestDocuments();
    private final LargestDocuments largestAfter = new LargestDocuments();
    private final MisfitTally active = new MisfitTally();
    private final MisfitTally pending = new MisfitTally();
    private final List<FailingDocument> failing = new ArrayList<>();
    private Counts counts = Counts.NONE;
    private long tooLarge;
    private long beyondLimits;

    RehearsalTally(MessageShape shapes, long seed) {
        this.reasons = new ReasonTally(shapes);
        this.pairs = new PairSample(seed);
    }

    /** Takes the documents of a slice. */
    void add(List<RehearsedDocument> documents) {
        List<Measured> measured = documents.stream().map(Measured::of).toList();
        synchronized (this) {
            measured.forEach(this::add);
        }
    }

    /** What can be found out about a document without the others waiting. */
    private record Measured(RehearsedDocument document, long before, long wanted, boolean isBeyondLimits) {

        static Measured of(RehearsedDocument document) {
            long before = document.sizeBefore();
            return document.sent() == 0 ? new Measured(document, before, before, false)
                    : new Measured(document, before, ValueLimits.sizeOf(document.wanted()),
                            ValueRules.problemOfDocument(document.wanted()) != null);
        }
    }

    private void add(Measured measured) {
        RehearsedDocument document = measured.document();
        String id = document.id();
        fields.add(document.before(), document.after());
        largestBefore.add(id, measured.before());
        // also what would be refused: that it is too large is what one wants to see
        largestAfter.add(id, measured.wanted());
        tooLarge += measured.wanted() > ValueLimits.MAX_DOCUMENT_SIZE ? 1 : 0;
        beyondLimits += measured.isBeyondLimits() ? 1 : 0;
        Misfit activeMisfit = document.activeMisfit();
        if (activeMisfit != null) {
            active.add(document, activeMisfit);
        }
        Misfit pendingMisfit = document.pendingMisfit();
        if (pendingMisfit != null) {
            pending.add(document, pendingMisfit);
        }
        long sent = document.sent();
        switch (document.forecast()) {
            case Forecast.Unchanged _ -> counts = counts.plus(Counts.of(0, 1, 0, 0, measured.before(), sent, 0));
            case Forecast.Changed _ -> {
                counts = counts.plus(Counts.of(1, 0, 0, 0, measured.before(), sent, measured.wanted()));
                pairs.add(id, document.before(), document.wanted());
            }
            case Forecast.Called(ConvexObject _, ConvexObject args) -> {
                counts = counts.plus(Counts.of(1, 0, 0, 0, measured.before(), sent, 0));
                pairs.add(id, ConvexObject.EMPTY, args);
            }
            case Forecast.Deleted _ -> counts = counts.plus(Counts.of(1, 0, 0, 0, measured.before(), sent, 0));
            case Forecast.Quarantined(var reason, String message) -> {
                counts = counts.plus(Counts.of(0, 0, 1, 0, measured.before(), sent, 0));
                reasons.add(id, reason, message, sent > 0 ? activeMisfit : null);
            }
            case Forecast.Fails(String message) -> {
                counts = counts.plus(Counts.of(0, 0, 0, 1, measured.before(), sent, 0));
                if (failing.size() < MAX_FAILING) {
                    failing.add(new FailingDocument(id, message));
                }
            }
        }
    }

    synchronized Counts counts() {
        return counts;
    }

    synchronized RehearsalReport.Findings findings(SchemaRules schemas) {
        return new RehearsalReport.Findings(counts, reasons.report(), failing, fields.report(), fields.leftOut(),
                pairs.report(), largestBefore.report(), largestAfter.report(), tooLarge, beyondLimits,
                active.report(schemas.activeState()), pending.report(schemas.pendingState()));
    }
}
