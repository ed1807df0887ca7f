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
package dev.convexbackfill.readerswriters.journal;

/**
 * In how many documents a run has changed a field at the top of documents. Each document counts in one of the numbers.
 *
 * @param added       where it was missing
 * @param removed     it is missing since
 * @param changed     it holds another value of the same type
 * @param typeChanged it holds a value of another type
 */
public record FieldChange(String field, long added, long removed, long changed, long typeChanged) {

    /** In the place of fields that are too many to be told apart: no field has such a name. */
    public static final String OTHERS = "$others";

    /** All documents in which it was changed. */
    public long documents() {
        return added + removed + changed + typeChanged;
    }

    FieldChange plus(FieldChange other) {
        return new FieldChange(field, added + other.added, removed + other.removed, changed + other.changed,
                typeChanged + other.typeChanged);
    }

    FieldChange named(String name) {
        return new FieldChange(name, added, removed, changed, typeChanged);
    }
}
