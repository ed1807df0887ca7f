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
package dev.convexbackfill.job.schema;

/** Whether a schema says what the documents of a table must be. */
public enum SchemaState {
    /** There is no such schema. */
    NONE("there is none"),
    /** There is one, with {@code schemaValidation: false}. */
    NOT_ENFORCED("it does not validate documents"),
    /** The table is not in it, or takes anything. */
    TABLE_IS_FREE("it says nothing of this table"),
    /** Every result was held against it. */
    CHECKED("every result was held against it"),
    /** A function of the app's own writes, and what it writes can't be foreseen. */
    NOT_FORESEEN("what the app's own function writes can't be foreseen, so nothing was held against it"),
    /** The deployment does not tell it, or it has a type that this version does not know. */
    UNKNOWN("it could not be read, so nothing was held against it");

    private final String meaning;

    SchemaState(String meaning) {
        this.meaning = meaning;
    }

    /** For people. */
    public String meaning() {
        return meaning;
    }
}
