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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.client.value.DocumentId;

/** The order in which tables are read. */
final class IdOrder {

    private IdOrder() {}

    /** Ids of one table have one length and sort as strings; those of another number need to be taken apart. */
    static int compare(String left, String right) {
        return left.length() == right.length() && left.charAt(0) == right.charAt(0) && left.charAt(1) == right.charAt(1)
                ? left.compareTo(right)
                : DocumentId.parse(left).compareTo(DocumentId.parse(right));
    }
}
