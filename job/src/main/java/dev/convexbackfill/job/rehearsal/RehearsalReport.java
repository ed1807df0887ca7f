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
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.schema.SchemaState;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a rehearsal has found.
 *
 * @param write          how the run writes
 * @param isSearched     true if the run finds its documents in an index, and does not read the whole table as this did
 * @param runCaveats     what the run does not promise, in sentences without their subject, which is the run
 * @param scope          what was read
 * @param seed           repeats the drawing of documents and pairs
 * @param stopped        why it was ended before it had read all; null if it was not: then the report is whole
 * @param tableDocuments how many documents the table has; empty if the deployment does not say
 * @param estimate       what the run would cost
 */
public record RehearsalReport(String plan, String table, Write write, boolean isSearched, List<String> runCaveats,
        String deployment,
        Scope scope, long seed,
        @Nullable String stopped, OptionalLong tableDocuments, Findings findings, RunEstimate estimate) {

    /** True if every document of the table was read. */
    public boolean isWhole() {
        return stopped == null && scope instanceof Scope.All;
    }

    /** What was found out about the documents that were read. */
    public record Findings(Counts counts, List<ReasonGroup> reasons, List<FailingDocument> failing,
            List<FieldReport> fields, long fieldsLeftOut, List<Pair> pairs, List<SizedDocument> largestBefore,
            List<SizedDocument> largestAfter, long tooLarge, long beyondLimits, SchemaReport activeSchema,
            SchemaReport pendingSchema) {

        public Findings {
            reasons = List.copyOf(reasons);
            failing = List.copyOf(failing);
            fields = List.copyOf(fields);
            pairs = List.copyOf(pairs);
            largestBefore = List.copyOf(largestBefore);
            largestAfter = List.copyOf(largestAfter);
        }
    }

    /**
     * What would become of documents. Each that was read is in exactly one of {@code changed}, {@code unchanged},
     * {@code quarantined} and {@code failing}.
     *
     * @param failing      those at which the run would fail
     * @param bytesRead    sizes of all
     * @param sent         documents of which the run sends a change, whether the deployment takes it or not
     * @param bytesSent    their sizes, as chunks and the throttle count them
     * @param bytesWritten sizes of the changed ones after the change
     */
    public record Counts(long read, long changed, long unchanged, long quarantined, long failing, long bytesRead,
            long sent, long bytesSent, long bytesWritten) {

        static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0);

        static Counts of(int changed, int unchanged, int quarantined, int failing, long bytesRead, long bytesSent,
                long bytesWritten) {
            return new Counts(1, changed, unchanged, quarantined, failing, bytesRead, bytesSent > 0 ? 1 : 0, bytesSent,
                    bytesWritten);
        }

        Counts plus(Counts more) {
            return new Counts(read + more.read, changed + more.changed, unchanged + more.unchanged,
                    quarantined + more.quarantined, failing + more.failing, bytesRead + more.bytesRead,
                    sent + more.sent, bytesSent + more.bytesSent, bytesWritten + more.bytesWritten);
        }
    }

    /**
     * Documents that would go into quarantine for one reason.
     *
     * @param shape   what their messages have in common
     * @param example one of the messages
     * @param ids     some of them
     */
    public record ReasonGroup(Reason reason, String shape, long documents, String example, List<String> ids) {

        public ReasonGroup {
            ids = List.copyOf(ids);
        }
    }

    /** A document at which the run would fail. */
    public record FailingDocument(String id, String message) {}

    /**
     * What becomes of a field.
     *
     * @param set         in how many documents it gets a value that it did not have
     * @param unset       in how many it goes
     * @param typeChanged in how many its value gets another type
     * @param before      documents by type of the field
     */
    public record FieldReport(String field, long set, long unset, long typeChanged, SortedMap<String, Long> before,
            SortedMap<String, Long> after) {

        public FieldReport {
            before = Collections.unmodifiableSortedMap(new TreeMap<>(before));
            after = Collections.unmodifiableSortedMap(new TreeMap<>(after));
        }

        public boolean isTouched() {
            return set + unset + typeChanged > 0;
        }
    }

    /** A document as it is and as it would be. */
    public record Pair(String id, ConvexObject before, ConvexObject after) {}

    /** How large a document is, as Convex counts. */
    public record SizedDocument(String id, long bytes) {}

    /**
     * How the results fit a schema.
     *
     * @param changed   results of changes that do not fit it
     * @param unchanged documents that the run leaves as they are, and that do not fit it
     * @param first     the first of both
     */
    public record SchemaReport(SchemaState state, long changed, long unchanged, List<Misfitting> first) {

        public SchemaReport {
            first = List.copyOf(first);
        }
    }

    /** A result that does not fit a schema. */
    public record Misfitting(String id, boolean isChanged, String field, String expected, String found) {}
}
