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

import java.util.List;

/** A journal could not be dropped, because others use it, or do not let go of the table that it is a part of. */
public final class JournalInUseException extends RuntimeException {

    JournalInUseException(String run, List<String> users, Throwable cause) {
        super("The journal of run '%s' can't be dropped, because the repository's table backfill_journal is in use%s"
                .formatted(
                        run, users.isEmpty() ? "" : " by " + String.join(", ", users)),
                cause);
    }
}
