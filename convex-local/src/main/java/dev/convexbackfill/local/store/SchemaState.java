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
package dev.convexbackfill.local.store;

/** What has become of a schema that was pushed. */
public enum SchemaState {

    /** The documents are being checked. */
    PENDING,
    /** All documents fit; it takes effect as soon as its indexes are built. */
    VALIDATED,
    /** Every write must fit. */
    ACTIVE,
    /** A document did not fit, or a table that it names was deleted. */
    FAILED,
    /** Another took its place. */
    OVERWRITTEN;

    boolean isInProgress() {
        return this == PENDING || this == VALIDATED;
    }
}
