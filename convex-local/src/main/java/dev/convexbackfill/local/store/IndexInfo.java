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
 * A database index that an app has declared.
 *
 * @param fields    with {@code _creationTime}, without the id
 * @param staged    whether it is to be built and not yet used
 * @param documents how many documents the table has
 * @param indexed   how many of them are in the index
 */
public record IndexInfo(String table, String name, List<String> fields, IndexState state, boolean staged,
        long documents,
        long indexed) {

    public IndexInfo {
        fields = List.copyOf(fields);
    }
}
