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
package dev.convexbackfill.plugin;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.Set;

/** What is to become of a document. */
public sealed interface TransformResult {

    /**
     * Fields at its top change.
     *
     * @param set   new values
     * @param unset names of fields to remove
     */
    record Changed(ConvexObject set, Set<String> unset) implements TransformResult {

        public Changed {
            unset = Set.copyOf(unset);
        }
    }

    /** The step leaves it as it is. */
    record Unchanged() implements TransformResult {}

    /**
     * It can't be transformed, and the step's {@code onError} says what happens then.
     *
     * @param reason for people; kept with the document's id
     */
    record Refused(String reason) implements TransformResult {}

    /** Sets one field. */
    static TransformResult set(String field, ConvexValue value) {
        return set(ConvexObject.of(field, value));
    }

    /** Sets fields. */
    static TransformResult set(ConvexObject fields) {
        return new Changed(fields, Set.of());
    }

    static TransformResult unchanged() {
        return new Unchanged();
    }

    static TransformResult refused(String reason) {
        return new Refused(reason);
    }
}
