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
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.config.plan.Write;

/**
 * What is to become of a document where all of it is written, deleted or copied: then every field counts as read, so that any
 * write of the app in the meantime is a conflict.
 */
final class WholeDocument {

    private WholeDocument() {}

    static DocumentOutcome replaced(String id, ConvexObject before, ConvexObject after) {
        ConvexObject read = fields(before);
        ConvexObject made = fields(after);
        return made.equals(read) ? new DocumentOutcome.Unchanged(id)
                : new DocumentOutcome.Replace(id, read, made, larger(before, after));
    }

    static DocumentOutcome deleted(String id, ConvexObject before) {
        return new DocumentOutcome.Delete(id, fields(before), before.get(FieldName.CREATION_TIME),
                ValueLimits.sizeOf(before));
    }

    static DocumentOutcome inserted(String id, ConvexObject before, ConvexObject after, Write.InsertInto into) {
        return new DocumentOutcome.Insert(id, fields(before), into.table(), fields(after), larger(before, after));
    }

    /** A transaction reads the one and writes the other. */
    private static long larger(ConvexObject before, ConvexObject after) {
        return Math.max(ValueLimits.sizeOf(before), ValueLimits.sizeOf(after));
    }

    /** What an app writes itself: a new document gets an id and a creation time of its own. */
    private static ConvexObject fields(ConvexObject document) {
        return document.without(FieldName.ID).without(FieldName.CREATION_TIME);
    }
}
