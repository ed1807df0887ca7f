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
package dev.convexbackfill.readerswriters.transform;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.config.expression.ExpressionFailedException;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.OnError;
import dev.convexbackfill.config.plan.Step;
import org.jspecify.annotations.Nullable;

/** A document on its way through the steps. */
final class DocumentInWork {

    private final ConvexObject before;
    private final boolean isSelected;
    private ConvexObject document;
    private @Nullable String failure;

    DocumentInWork(ConvexObject before, DocumentSelection selection) {
        this.before = before;
        this.document = before;
        this.isSelected = isSelected(selection);
    }

    private boolean isSelected(DocumentSelection selection) {
        try {
            return selection.contains(before);
        } catch (ExpressionFailedException failed) {
            failure = "where.filter: " + failed.getMessage();
            return false;
        }
    }

    String id() {
        return before.string(FieldName.ID);
    }

    ConvexObject before() {
        return before;
    }

    /** As the steps so far have made it. */
    ConvexObject document() {
        return document;
    }

    /** False for one that stays as it is, however the plan writes. */
    boolean isSelected() {
        return isSelected;
    }

    /** Why it can't be transformed; null if nothing has failed. */
    @Nullable
    String failure() {
        return failure;
    }

    /** Throws {@link RefusedDocumentException} as {@link #take} does. */
    boolean isAffectedBy(Step step) {
        if (failure != null || !isSelected) {
            return false;
        }
        if (step.when() == null) {
            return true;
        }
        try {
            return step.when().isTrueOf(document);
        } catch (ExpressionFailedException failed) {
            fail(step, String.valueOf(failed.getMessage()));
            return false;
        }
    }

    /** Throws {@link RefusedDocumentException} where the plan wants the run to fail. */
    void take(Step step, StepResult result) {
        switch (result) {
            case StepResult.Transformed(ConvexObject after) -> document = after;
            case StepResult.Failed(String message) -> fail(step, message);
        }
    }

    private void fail(Step step, String message) {
        switch (step.onError()) {
            case OnError.Quarantine _ -> failure = message;
            case OnError.Fail _ -> throw new RefusedDocumentException(id(), message);
            case OnError.Keep _ -> {
                // the document stays as the steps before made it
            }
            case OnError.Value(ConvexValue value) -> {
                try {
                    for (FieldPath target : step.transform().targets()) {
                        document = Fields.set("onError", target, document, value);
                    }
                } catch (TransformFailedException inTheWay) {
                    failure = message + "; " + inTheWay.getMessage();
                }
            }
        }
    }
}
