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

import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.FieldName;
import org.jspecify.annotations.Nullable;

/**
 * Where in a document a value is, as a way from the top: {@code author}, {@code members[]}, {@code profile.owner}. Names that
 * look like data are not told apart: {@code *} is any of them, and <code>{}</code> the name itself. So records of users have
 * one field, and not one for each user.
 *
 * @param outer the way to what it is in; null at the top
 * @param name  of the field there; null for what {@code mark} says
 * @param mark  an element, or a name as such
 */
record FieldStep(@Nullable FieldStep outer, @Nullable String name, String mark) {

    private static final String SPECIAL = ".[]{}*";
    private static final int SHORTEST_ID = 31;

    static FieldStep named(@Nullable FieldStep outer, String name) {
        return new FieldStep(outer, name, "");
    }

    static FieldStep element(FieldStep outer) {
        return new FieldStep(outer, null, "[]");
    }

    static FieldStep key(@Nullable FieldStep outer) {
        return new FieldStep(outer, null, "{}");
    }

    /** The field of the document that the way begins in. */
    String root() {
        return outer == null ? text() : outer.root();
    }

    /** The whole way. */
    String path() {
        return outer == null ? text() : outer.path() + (name == null ? "" : ".") + text();
    }

    private String text() {
        return name == null ? mark : isData(name) ? "*" : name;
    }

    /** A schema takes only identifiers as names of fields; at the top a document without one may have others. */
    private boolean isData(String given) {
        boolean isName = outer == null
                ? !given.isEmpty() && given.chars().noneMatch(character -> SPECIAL.indexOf(character) >= 0)
                : FieldName.isIdentifier(given);
        return !isName || (given.length() >= SHORTEST_ID && DocumentId.isValid(given));
    }
}
