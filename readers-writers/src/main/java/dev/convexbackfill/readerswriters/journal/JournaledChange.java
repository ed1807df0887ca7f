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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a run has done to one document, and what the document held before.
 *
 * @param before       the fields that the run read or overwrote, as they were; all of them where the whole document was written
 * @param absent       the fields that the run read or wrote, and that were missing
 * @param isExact      true if {@code before} is all that it held
 * @param write        what it did
 * @param creationTime of a document that it deleted; null for others
 */
public record JournaledChange(String id, ConvexObject before, Set<String> absent, boolean isExact, Written write,
        @Nullable ConvexValue creationTime) {

    public JournaledChange {
        absent = Set.copyOf(absent);
    }

    /** What a run does to a document. */
    public sealed interface Written {

        /** Fields were set and removed. */
        record Fields(ConvexObject set, Set<String> unset) implements Written {

            public Fields {
                unset = Set.copyOf(unset);
            }
        }

        /** It was written anew, with these fields and no others. */
        record Whole(ConvexObject document) implements Written {}

        /** It was deleted. */
        record Deletion() implements Written {}

        /** This document was inserted for it, into this table; itself it stayed, or was gone before. */
        record Copy(String table, ConvexObject document) implements Written {}
    }

    static JournaledChange of(ConvexObject change) {
        Written write = written(change.object("write"));
        return new JournaledChange(change.string("id"), change.object("expect"), names(change.array("absent")),
                change.has("exact") || !(write instanceof Written.Fields), write, change.get("creationTime"));
    }

    private static Written written(ConvexObject write) {
        return switch (write.string("kind")) {
            case "patch" -> new Written.Fields(write.object("set"), names(write.array("unset")));
            case "replace" -> new Written.Whole(write.object("document"));
            case "delete" -> new Written.Deletion();
            case "insert", "restore" -> new Written.Copy(write.string("table"), write.object("document"));
            case String other -> throw new IllegalStateException(
                    "The journal has the unknown write '%s'".formatted(other));
        };
    }

    private static Set<String> names(ConvexArray array) {
        String[] names = new String[array.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = ((ConvexString) array.get(i)).value();
        }
        // there are many changes, and this takes no other set beside it
        return Set.of(names);
    }

    /** The fields that the run set to another value, or removed. */
    public Set<String> fields() {
        return switch (write) {
            case Written.Fields fields -> {
                Set<String> names = new TreeSet<>(fields.set().names());
                names.addAll(fields.unset());
                yield names;
            }
            case Written.Whole(ConvexObject document) -> {
                Set<String> names = new TreeSet<>(document.names());
                names.addAll(before.names());
                names.removeIf(name -> Objects.equals(before.get(name), document.get(name)));
                yield names;
            }
            case Written.Deletion _,Written.Copy _ -> Set.of();
        };
    }

    /** What the run left in one of {@link #fields}; null if it left nothing there. */
    public @Nullable ConvexValue after(String field) {
        return switch (write) {
            case Written.Fields fields -> fields.set().get(field);
            case Written.Whole(ConvexObject document) -> document.get(field);
            case Written.Deletion _,Written.Copy _ -> null;
        };
    }
}
