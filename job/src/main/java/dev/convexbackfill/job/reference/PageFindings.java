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
package dev.convexbackfill.job.reference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was found in documents that were read together, by the names of the fields. For one thread. */
final class PageFindings {

    private final Map<String, InField> fields = new LinkedHashMap<>();

    /** What was found in one field. */
    static final class InField {

        private final List<FoundReference> first = new ArrayList<>();
        private long documents;
        private long references;
        private String lastDocument = "";

        /** As many as are ever kept. */
        List<FoundReference> first() {
            return first;
        }

        long documents() {
            return documents;
        }

        long references() {
            return references;
        }
    }

    /** Those of one document are added one after the other. */
    void add(FoundReference reference) {
        InField field = fields.computeIfAbsent(reference.field(), _ -> new InField());
        field.references++;
        if (!field.lastDocument.equals(reference.document())) {
            field.lastDocument = reference.document();
            field.documents++;
        }
        if (field.first.size() < ReferenceStore.KEPT) {
            field.first.add(reference);
        }
    }

    Map<String, InField> fields() {
        return fields;
    }
}
