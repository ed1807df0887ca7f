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
package dev.convexbackfill.readerswriters.transform;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to become of one document. */
public sealed interface DocumentOutcome {

    String id();

    /**
     * It is already as it should be.
     *
     * @param digest of what it holds in the fields that the plan is about; null if nobody will compare it
     */
    record Unchanged(String id, @Nullable DocumentDigest digest) implements DocumentOutcome {

        public Unchanged(String id) {
            this(id, null);
        }
    }

    /** It was to be read, but is not there any more. */
    record Gone(String id) implements DocumentOutcome {}

    /** Something is to be written. */
    sealed interface Change extends DocumentOutcome {

        /** What counts against the limits of a chunk: bytes of documents, as Convex counts. */
        long size();

        /** The change in the form that {@code backfill.ts} takes. */
        ConvexObject toValue();

        /** The same with all that is needed to undo it. */
        default ConvexObject toJournal() {
            return toValue();
        }
    }

    /**
     * Fields of it are to be changed.
     *
     * @param expect the values that it must still have: of every field that was read or is overwritten
     * @param absent the fields that it must still not have
     * @param exact  true if it must have no others than {@code expect}: the change depends on all that the document holds
     * @param set    new values
     * @param unset  fields to remove
     * @param size   of the document, in bytes as Convex counts
     */
    record Patch(String id, ConvexObject expect, List<String> absent, boolean exact, ConvexObject set,
            List<String> unset, long size)
            implements
                Change {

        public Patch {
            absent = List.copyOf(absent);
            unset = List.copyOf(unset);
        }

        @Override
        public ConvexObject toValue() {
            ConvexObject change = change(id, expect, absent, ConvexObject.builder().put("kind", "patch").put("set", set)
                    .put("unset", names(unset)).build());
            return exact ? change.with("exact", ConvexValue.of(true)) : change;
        }
    }

    /**
     * It is to be written anew.
     *
     * @param before   the fields that it must still have, and no others
     * @param document its new fields
     */
    record Replace(String id, ConvexObject before, ConvexObject document, long size) implements Change {

        @Override
        public ConvexObject toValue() {
            return change(id, before, List.of(),
                    ConvexObject.of("kind", ConvexValue.of("replace"), "document", document));
        }
    }

    /**
     * It is to be deleted.
     *
     * @param before       the fields that it must still have, and no others
     * @param creationTime which an import of a snapshot could give it again
     */
    record Delete(String id, ConvexObject before, @Nullable ConvexValue creationTime, long size) implements Change {

        @Override
        public ConvexObject toValue() {
            return change(id, before, List.of(), ConvexObject.of("kind", ConvexValue.of("delete")));
        }

        @Override
        public ConvexObject toJournal() {
            return creationTime == null ? toValue() : toValue().with("creationTime", creationTime);
        }
    }

    /**
     * A document made from it is to be inserted into another table, and it stays.
     *
     * @param before   the fields that it must still have then, and no others
     * @param document the fields of the new document
     */
    record Insert(String id, ConvexObject before, String table, ConvexObject document, long size)
            implements
                Change {

        @Override
        public ConvexObject toValue() {
            return change(id, before, List.of(), ConvexObject.builder().put("kind", "insert").put("table", table)
                    .put("document", document).build());
        }
    }

    /**
     * One that is gone is to be inserted again; it gets a new id.
     *
     * @param id       its old one
     * @param table    that it was in
     * @param document its fields
     */
    record Restore(String id, String table, ConvexObject document, long size) implements Change {

        @Override
        public ConvexObject toValue() {
            return change(id, ConvexObject.EMPTY, List.of(), ConvexObject.builder().put("kind", "restore")
                    .put("table", table).put("document", document).build());
        }
    }

    /**
     * Some of its fields are to be changed, and others are left as the app has written them.
     *
     * @param message names those
     * @param input   {@link InputDigest} of the document as it was read
     */
    record PartlyKept(Patch patch, String message, String input) implements Change {

        @Override
        public String id() {
            return patch.id();
        }

        @Override
        public long size() {
            return patch.size();
        }

        @Override
        public ConvexObject toValue() {
            return patch.toValue();
        }
    }

    /**
     * It is left as the app has written it.
     *
     * @param input {@link InputDigest} of the document as it was read
     */
    record Kept(String id, String message, String input) implements DocumentOutcome {}

    private static ConvexObject change(String id, ConvexObject expect, List<String> absent, ConvexObject write) {
        return ConvexObject.builder().put("absent", names(absent)).put("expect", expect).put("id", id)
                .put("write", write).build();
    }

    private static ConvexArray names(List<String> names) {
        return ConvexValue.array(names.stream().map(ConvexValue::of).toList());
    }

    /**
     * A function of the app's own is to be called for it, or, where it is accounted for, was called and has taken it.
     *
     * @param args   what for
     * @param before the document as it was read
     * @param after  as the steps have made it
     * @param size   what counts against the limits of a chunk, in bytes as Convex counts
     */
    record Call(String id, ConvexObject args, ConvexObject before, ConvexObject after, long size)
            implements
                DocumentOutcome {}

    /**
     * It can't be changed.
     *
     * @param input {@link InputDigest} of the document as it was read; null if it could not be read again
     */
    record Failed(String id, String message, @Nullable String input) implements DocumentOutcome {}
}
