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

import dev.convexbackfill.client.value.ConvexObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a deployment's schema says of one table.
 *
 * @param indexes      database indexes, also staged ones; not the search and vector indexes, by which nothing can be paged
 * @param documentType the validator of its documents in Convex's JSON, without {@code _id} and {@code _creationTime}: an
 *                     object, a union of objects, or {@code any}; null takes anything
 */
public record TableDefinition(String name, List<IndexDefinition> indexes, @Nullable ConvexObject documentType) {

    public TableDefinition {
        indexes = List.copyOf(indexes);
    }
}
