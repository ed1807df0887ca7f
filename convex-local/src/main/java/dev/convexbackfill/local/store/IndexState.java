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

/** How far an index is. */
public enum IndexState {

    /** Documents that were there before it are being added; writes keep it up already. */
    BACKFILLING,
    /** Complete, and not queried before the schema that declares it is active, or for as long as it is staged. */
    BACKFILLED,
    /** Queries use it. */
    ENABLED
}
