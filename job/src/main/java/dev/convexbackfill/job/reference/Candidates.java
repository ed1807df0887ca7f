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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the strings of documents that are ids of one table's documents: anywhere in them, also as names of fields. */
final class Candidates {

    private final long tableNumber;
    private final int length;

    /** {@code example} is one of the ids. */
    Candidates(String example) {
        this.tableNumber = DocumentId.parse(example).tableNumber();
        this.length = example.length();
    }

    /**
     * A string that may be a reference.
     *
     * @param document in which it is
     */
    record Candidate(String document, FieldStep field, String id) {}

    /** Those of a document, its own id not among them. */
    List<Candidate> in(ConvexObject document) {
        List<Candidate> found = new ArrayList<>();
        String id = document.string(FieldName.ID);
        document.forEach((name, value) -> {
            if (!FieldName.isSystem(name)) {
                entry(id, null, name, value, found);
            }
        });
        return found;
    }

    private void entry(String document, @Nullable FieldStep outer, String name, ConvexValue value,
            List<Candidate> found) {
        if (isId(name)) {
            found.add(new Candidate(document, FieldStep.key(outer), name));
        }
        visit(document, FieldStep.named(outer, name), value, found);
    }

    private void visit(String document, FieldStep field, ConvexValue value, List<Candidate> found) {
        switch (value) {
            case ConvexString(String text) when isId(text) -> found.add(new Candidate(document, field, text));
            case ConvexArray elements -> {
                FieldStep element = FieldStep.element(field);
                elements.forEach(inner -> visit(document, element, inner, found));
            }
            case ConvexObject object -> object
                    .forEach((name, inner) -> entry(document, field, name, inner, found));
            default -> {
                // holds no string
            }
        }
    }

    private boolean isId(String text) {
        if (text.length() != length) {
            return false;
        }
        try {
            return DocumentId.parse(text).tableNumber() == tableNumber;
        } catch (InvalidValueException _) {
            return false;
        }
    }
}
