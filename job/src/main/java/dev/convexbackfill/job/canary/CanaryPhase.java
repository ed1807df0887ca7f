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
package dev.convexbackfill.job.canary;

/** How far a canary is. It only ever moves on, and no document beyond the slice is touched before it is approved. */
public enum CanaryPhase {
    /** The slice is being changed. */
    MIGRATING,
    /** The slice is changed to its last document, and not verified to its end. */
    MIGRATED,
    /** The slice is verified, and somebody is to say whether the run goes on. */
    WAITING,
    /** The run may go on with all other documents. */
    APPROVED
}
