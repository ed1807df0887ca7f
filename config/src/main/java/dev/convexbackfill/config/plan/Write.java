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
package dev.convexbackfill.config.plan;

import dev.convexbackfill.client.FunctionPath;
import org.jspecify.annotations.Nullable;

/** How the documents that the steps have made are written. */
public sealed interface Write {

    String INSERT_INTO = "insertInto ";
    String CALL = "call ";

    /** Fields of the document are set and removed; what the app writes to others in the meantime stays. */
    record Patch() implements Write {}

    /** The whole document is written anew: any write of the app in the meantime is a conflict, which is tried again. */
    record Replace() implements Write {}

    /** The document is deleted, unless the app writes to it in the meantime: then it is looked at again. */
    record Delete() implements Write {}

    /**
     * A new document is inserted and the source stays; which new id belongs to which old one is kept with the run.
     *
     * @param table where to
     */
    record InsertInto(String table) implements Write {}

    /**
     * The run writes nothing itself: a mutation of the app's own does, called at least once for each document.
     *
     * @param mutation which
     */
    record Call(FunctionPath mutation) implements Write {}

    /** The form that {@link #of} takes. */
    default String text() {
        return switch (this) {
            case Patch _ -> "patch";
            case Replace _ -> "replace";
            case Delete _ -> "delete";
            case InsertInto(String table) -> INSERT_INTO + table;
            case Call(FunctionPath mutation) -> CALL + mutation;
        };
    }

    /** What {@link #text} has given. Throws {@link IllegalArgumentException} for anything else. */
    static Write of(String text) {
        return switch (text) {
            case "patch" -> new Patch();
            case "replace" -> new Replace();
            case "delete" -> new Delete();
            case String insert when insert.startsWith(INSERT_INTO) -> new InsertInto(
                    insert.substring(INSERT_INTO.length()));
            case String call when call.startsWith(CALL) -> new Call(new FunctionPath(call.substring(CALL.length())));
            default -> throw new IllegalArgumentException("'%s' is no way to write".formatted(text));
        };
    }

    /** What it has done to a document, as people say it. */
    default String participle() {
        return switch (this) {
            case Patch _ -> "changed";
            case Replace _ -> "replaced";
            case Delete _ -> "deleted";
            case InsertInto _ -> "inserted";
            case Call _ -> "called";
        };
    }

    /** What a run that writes so does not promise, in a sentence; null if it promises all. */
    default @Nullable String caveat() {
        return switch (this) {
            case Patch _,Replace _,Delete _,InsertInto _ -> null;
            case Call(FunctionPath mutation) -> ("calls %s at least once for each document; after a crash some are called"
                    + " again; no compare-and-set unless it does that itself; can not be undone").formatted(mutation);
        };
    }
}
