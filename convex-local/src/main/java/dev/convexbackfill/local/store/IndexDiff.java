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

import java.util.List;

/**
 * What a schema changes in the indexes of a deployment.
 *
 * @param added    are new, or have other fields
 * @param dropped  are declared no longer, or have other fields
 * @param enabled  were staged and are no longer
 * @param disabled were in use and become staged
 */
public record IndexDiff(List<IndexInfo> added, List<IndexInfo> dropped, List<IndexInfo> enabled,
        List<IndexInfo> disabled) {

    public IndexDiff {
        added = List.copyOf(added);
        dropped = List.copyOf(dropped);
        enabled = List.copyOf(enabled);
        disabled = List.copyOf(disabled);
    }
}
