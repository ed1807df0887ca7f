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
package dev.convexbackfill.client.value;

import org.jspecify.annotations.Nullable;

/** The rules for names of fields, tables and indexes. */
public final class FieldName {

    /** The field that holds a document's id. */
    public static final String ID = "_id";
    /** The field that holds when a document was created: a float64 of milliseconds since 1970. */
    public static final String CREATION_TIME = "_creationTime";

    private FieldName() {}

    /** True for {@link #ID} and {@link #CREATION_TIME}, which only Convex writes. */
    public static boolean isSystem(String name) {
        return name.equals(ID) || name.equals(CREATION_TIME);
    }

    /**
     * Returns {@code name} if an object may have a field of that name: up to 1024 printable ASCII characters, not beginning
     * with {@code $}; it may be empty. Throws {@link InvalidValueException} otherwise.
     */
    public static String require(String name) {
        if (name.length() > ValueLimits.MAX_FIELD_NAME_LENGTH) {
            throw new InvalidValueException("The field name '%s…' has %d characters; Convex takes at most %d"
                    .formatted(name.substring(0, 20), name.length(), ValueLimits.MAX_FIELD_NAME_LENGTH));
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < 0x20 || c > 0x7e) {
                throw new InvalidValueException(
                        "The field name '%s' has the character U+%04X; Convex takes only printable ASCII"
                                .formatted(name, (int) c));
            }
        }
        if (name.startsWith("$")) {
            throw new InvalidValueException(
                    "The field name '%s' begins with '$', which Convex reserves".formatted(name));
        }
        return name;
    }

    /** Why {@code name} cannot be a field that a user writes at the top of a document, or null if it can. */
    public static @Nullable String problemOfDocumentField(String name) {
        if (name.startsWith("_")) {
            return "names that begin with '_' belong to Convex";
        }
        try {
            require(name);
            return null;
        } catch (InvalidValueException invalid) {
            return invalid.getMessage();
        }
    }

    /** True if {@code name} can name a table or an index: {@code [A-Za-z_][A-Za-z0-9_]*}, not only underscores. */
    public static boolean isIdentifier(String name) {
        boolean onlyUnderscores = true;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean digit = c >= '0' && c <= '9';
            if (!letter && c != '_' && !(digit && i > 0)) {
                return false;
            }
            onlyUnderscores &= c == '_';
        }
        return !onlyUnderscores && name.length() <= ValueLimits.MAX_IDENTIFIER_LENGTH;
    }
}
