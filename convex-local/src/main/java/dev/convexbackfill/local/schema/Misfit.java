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
package dev.convexbackfill.local.schema;

import dev.convexbackfill.client.value.ConvexValue;
import org.jspecify.annotations.Nullable;

/**
 * Where a value is not what its validator wants, in parts, for whoever does not only print Convex's message.
 *
 * @param path     from the value to the place, such as {@code profile.tags[3]}; empty for the value itself
 * @param expected what may stand there: a validator, or that nothing may
 * @param found    what stands there, as Convex's messages show values
 */
public record Misfit(String path, String expected, String found) {

    /** What nothing is called, expected or found. */
    public static final String NOTHING = "nothing";

    /** The first place where {@code value} is not as {@code validator} wants it; null if there is none. */
    public static @Nullable Misfit find(Validator validator, ConvexValue value, TableNames tables) {
        return new ValueCheck(tables).misfit(validator, value);
    }

    static Misfit of(Validator expected, ConvexValue found) {
        return new Misfit("", expected.toString(), ValueText.of(found));
    }

    static Misfit missing(String field, Validator expected) {
        return new Misfit(field, expected.toString(), NOTHING);
    }

    static Misfit extra(String field, ConvexValue found) {
        return new Misfit(field, NOTHING, ValueText.of(found));
    }

    /** The same, seen from the value that has this one at {@code step}, such as {@code .tags} or {@code [3]}. */
    Misfit below(String step) {
        String separator = path.isEmpty() || path.startsWith("[") ? "" : ".";
        return new Misfit((step.startsWith(".") ? step.substring(1) : step) + separator + path, expected, found);
    }
}
