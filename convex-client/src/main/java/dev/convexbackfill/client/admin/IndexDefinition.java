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
package dev.convexbackfill.client.admin;

import java.util.List;

/**
 * A database index as a schema declares it.
 *
 * @param fields paths of fields with dots between names, in order; {@code _creationTime}, which Convex appends to every index,
 *               is the last
 * @param staged whether it is to be built and not yet used
 */
public record IndexDefinition(String name, List<String> fields, boolean staged) {

    public IndexDefinition {
        fields = List.copyOf(fields);
    }
}
