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
package dev.convexbackfill.job.run;

/** Where a run is in its life. Only the process that manages it moves it on. */
public enum RunState {

    /** Nothing has been written yet. */
    CREATED,
    /** Being executed, or left behind by a process that was killed. */
    RUNNING,
    /** Stopped on request or by its own rules; it goes on where it was when resumed. */
    STOPPED,
    /** Ended by a failure; it goes on where it was when resumed. */
    FAILED,
    /** A slice of its documents is changed and verified, and none of the others is touched before somebody approves that. */
    WAITING,
    /** Every document is accounted for. */
    COMPLETED;

    /** True if no process is to execute it, unless it is resumed or approved. */
    public boolean isAtRest() {
        return this == STOPPED || this == FAILED || this == WAITING || this == COMPLETED;
    }
}
