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
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.job.rehearsal.Forecast.Called;
import dev.convexbackfill.job.rehearsal.Forecast.Changed;
import dev.convexbackfill.job.rehearsal.Forecast.Deleted;
import dev.convexbackfill.job.rehearsal.Forecast.Fails;
import dev.convexbackfill.job.rehearsal.Forecast.Quarantined;
import dev.convexbackfill.job.rehearsal.Forecast.Unchanged;
import dev.convexbackfill.job.schema.SchemaRules;
import dev.convexbackfill.local.limits.ValueRules;
import dev.convexbackfill.readerswriters.quarantine.QuarantinedDocument.Reason;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.RefusedDocumentException;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says what a run would do with documents: transforms them as it does, and decides about the result as the deployment does.
 * Thread-safe.
 */
final class Forecaster {

    private final TransformChain chain;
    private final SchemaRules schemas;
    private final Plan plan;
    private final JournalTally journal;
    private final String table;

    /** {@code schemas} are those of the table that the plan writes to; {@code journal} is given what would be sent. */
    Forecaster(TransformChain chain, SchemaRules schemas, Plan plan, JournalTally journal) {
        this.chain = chain;
        this.schemas = schemas;
        this.plan = plan;
        this.journal = journal;
        this.table = tableWritten(plan);
    }

    static String tableWritten(Plan plan) {
        return plan.write() instanceof Write.InsertInto(String target) ? target : plan.table();
    }

    /** In the order of {@code documents}. */
    List<RehearsedDocument> forecast(List<ConvexObject> documents) {
        try {
            return forecast(documents, chain.transform(documents));
        } catch (RefusedDocumentException _) {
            return documents.stream().map(this::forecastAlone).toList();
        }
    }

    /** A run ends at the first document that it must not go on with; a rehearsal looks at all. */
    private RehearsedDocument forecastAlone(ConvexObject document) {
        try {
            return forecast(document, chain.transform(document));
        } catch (RefusedDocumentException refused) {
            return untouched(document, new Fails(refused.why()));
        }
    }

    private List<RehearsedDocument> forecast(List<ConvexObject> documents, List<DocumentOutcome> outcomes) {
        List<RehearsedDocument> all = new ArrayList<>(documents.size());
        for (int i = 0; i < documents.size(); i++) {
            all.add(forecast(documents.get(i), outcomes.get(i)));
        }
        return all;
    }

    /** The one place that knows all kinds of outcomes. */
    private RehearsedDocument forecast(ConvexObject before, DocumentOutcome outcome) {
        if (outcome instanceof DocumentOutcome.Change change) {
            journal.add(change);
        }
        return switch (outcome) {
            case DocumentOutcome.Unchanged _ -> untouched(before, new Unchanged());
            case DocumentOutcome.Gone gone -> throw new IllegalStateException("'%s' is not gone".formatted(gone.id()));
            case DocumentOutcome.Failed(String _, String message, String _) -> untouched(before,
                    new Quarantined(Reason.TRANSFORM, message));
            case DocumentOutcome.Patch patch -> written(before, patched(before, patch), patch.size());
            case DocumentOutcome.Replace replace -> written(before, withSystemFields(before, replace.document()),
                    replace.size());
            case DocumentOutcome.Insert insert -> written(before, insert.document(), insert.size());
            case DocumentOutcome.Restore _,DocumentOutcome.PartlyKept _,DocumentOutcome.Kept _ -> throw new IllegalStateException(
                    "No plan does what a rollback does");
            case DocumentOutcome.Call call -> new RehearsedDocument(before, call.after(),
                    new Called(call.after(), call.args()), call.size(), null, null);
            case DocumentOutcome.Delete delete -> new RehearsedDocument(before, before, new Deleted(), delete.size(),
                    null,
                    null);
        };
    }

    private static ConvexObject withSystemFields(ConvexObject before, ConvexObject document) {
        return document.with(FieldName.ID, before.require(FieldName.ID)).with(FieldName.CREATION_TIME,
                before.require(FieldName.CREATION_TIME));
    }

    private static ConvexObject patched(ConvexObject before, DocumentOutcome.Patch patch) {
        ConvexObject after = before;
        for (String name : patch.unset()) {
            after = after.without(name);
        }
        for (int i = 0; i < patch.set().size(); i++) {
            ConvexValue value = patch.set().value(i);
            after = after.with(patch.set().name(i), value);
        }
        return after;
    }

    private RehearsedDocument untouched(ConvexObject document, Forecast forecast) {
        // a source of copies is not in the table that the schemas are for
        boolean isCopied = plan.write() instanceof Write.InsertInto;
        return new RehearsedDocument(document, document, forecast, 0, isCopied ? null : schemas.activeMisfit(document),
                isCopied ? null : schemas.pendingMisfit(document));
    }

    private RehearsedDocument written(ConvexObject before, ConvexObject wanted, long sent) {
        String refusal = refusal(wanted);
        return new RehearsedDocument(before, wanted,
                refusal == null ? new Changed(wanted) : new Quarantined(Reason.REJECTED, refusal), sent,
                schemas.activeMisfit(wanted), schemas.pendingMisfit(wanted));
    }

    /** In the order in which Convex looks: the schema first. */
    private @Nullable String refusal(ConvexObject wanted) {
        String problem = schemas.problem(wanted);
        return problem == null ? ValueRules.problemOfDocument(wanted)
                : "Failed to insert or update a document in table \"%s\" because it does not match the schema: %s"
                        .formatted(table, problem);
    }
}
