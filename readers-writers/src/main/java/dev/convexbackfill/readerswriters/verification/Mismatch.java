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
package dev.convexbackfill.readerswriters.verification;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import org.jspecify.annotations.Nullable;

/**
 * Something that a verification has found.
 *
 * @param document       its id; null for what is wrong with the run itself
 * @param field          of the document; null for all of it
 * @param expected       what should be there, as people read it; null if that can't be said
 * @param found          what is there
 * @param expectedDigest of the whole document that should be there; null if it is not about one
 * @param foundDigest    of the whole document that is there
 */
public record Mismatch(@Nullable String document, MismatchKind kind, @Nullable String field, @Nullable String expected,
        @Nullable String found, String message, @Nullable String expectedDigest, @Nullable String foundDigest) {

    private static final int MAX_VALUE = 500;
    private static final int MAX_MESSAGE = 2000;

    public Mismatch {
        field = cut(field, MAX_VALUE);
        expected = cut(expected, MAX_VALUE);
        found = cut(found, MAX_VALUE);
        message = String.valueOf(cut(message, MAX_MESSAGE));
    }

    /** Something that is wrong with the run itself. */
    public static Mismatch ofRun(MismatchKind kind, @Nullable Object expected, @Nullable Object found,
            String message) {
        return new Mismatch(null, kind, null, expected == null ? null : expected.toString(),
                found == null ? null : found.toString(), message, null, null);
    }

    static Mismatch of(String document, MismatchKind kind, String message) {
        return new Mismatch(document, kind, null, null, null, message, null, null);
    }

    /** Of a field that should hold {@code expected}; null stands for a field that is missing. */
    static Mismatch of(String document, MismatchKind kind, String field, @Nullable ConvexValue expected,
            @Nullable ConvexValue found, String message) {
        return new Mismatch(document, kind, field, text(expected), text(found), message, null, null);
    }

    /** The same, with what the whole documents should be and are. */
    Mismatch with(ConvexObject expected, ConvexObject found) {
        return new Mismatch(document, kind, field, this.expected, this.found, message, InputDigest.of(expected),
                InputDigest.of(found));
    }

    Mismatch withFoundDigest(ConvexObject document) {
        return new Mismatch(this.document, kind, field, expected, found, message, expectedDigest,
                InputDigest.of(document));
    }

    static String text(@Nullable ConvexValue value) {
        return value == null ? "missing" : value.toString();
    }

    /** PostgreSQL keeps no U+0000. */
    private static @Nullable String cut(@Nullable String given, int max) {
        String text = given == null ? null : given.replace('\0', '\uFFFD');
        if (text == null || text.length() <= max) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(max - 2)) ? max - 2 : max - 1;
        return text.substring(0, end) + "…";
    }
}
