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
package dev.convexbackfill.job.cli;

/** What commands end with; scripts rely on it. */
final class ExitCode {

    static final int COMPLETED = 0;
    static final int FAILED = 1;
    /** Bad input, or refused before anything was changed. */
    static final int REFUSED = 2;
    /** Completed, but with documents in quarantine. */
    static final int COMPLETED_WITH_QUARANTINE = 3;
    /** Stopped; it goes on where it was when resumed. */
    static final int STOPPED = 4;

    /** A canary is done, and the run waits to be approved. */
    static final int WAITING = 5;

    private ExitCode() {}
}
