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
package dev.convexbackfill.readerswriters.verification;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.readerswriters.journal.JournaledChange;
import org.jspecify.annotations.Nullable;

/**
 * A document that is looked at.
 *
 * @param now            as it is; null if it is gone
 * @param change         what the run has done to it; null for nothing
 * @param copyId         of the document that was inserted for it; null if none was
 * @param copy           that document as it is; null if it is gone
 * @param isInQuarantine true if the run could not change it
 */
record CheckedDocument(String id, @Nullable ConvexObject now, @Nullable JournaledChange change,
        @Nullable String copyId, @Nullable ConvexObject copy, boolean isInQuarantine) {

    static CheckedDocument of(String id, @Nullable ConvexObject now, @Nullable JournaledChange change) {
        return new CheckedDocument(id, now, change, null, null, false);
    }
}
