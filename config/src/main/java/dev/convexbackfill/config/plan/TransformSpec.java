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

import dev.convexbackfill.client.value.ConvexValue;
import java.util.List;

/** What a plan wants done to each document: one step, which sees what the steps before it made. */
public sealed interface TransformSpec {

    /**
     * Cuts a string into fields; the source stays.
     *
     * @param at        where to cut
     * @param remainder which field gets what is left over if there are more parts than fields
     */
    record Split(FieldPath from, List<FieldPath> into, Separator at, Remainder remainder) implements TransformSpec {

        public Split {
            into = List.copyOf(into);
        }
    }

    /** Where {@link Split} cuts. */
    sealed interface Separator {

        /** At runs of white space; white space at the ends is dropped. */
        record WhiteSpace() implements Separator {}

        /** At every occurrence of a text. */
        record Text(String text) implements Separator {}
    }

    /** Which field of a {@link Split} takes more than one part. */
    enum Remainder {
        FIRST, LAST
    }

    /** Fills a template with fields. */
    record Combine(Template template, FieldPath into) implements TransformSpec {}

    /**
     * Text with fields in it.
     *
     * @param parts in order
     */
    record Template(List<Part> parts) {

        public Template {
            parts = List.copyOf(parts);
        }

        /** A piece of a template. */
        public sealed interface Part {}

        /** Text as it is. */
        public record Literal(String text) implements Part {}

        /** The text of a field. */
        public record Field(FieldPath path) implements Part {}
    }

    /** Moves a field to another name. */
    record Rename(FieldPath from, FieldPath to) implements TransformSpec {}

    /**
     * Gives a field's value another type, strictly; a field that is missing or null stays so.
     *
     * @param as where the result goes; the field itself unless the plan says otherwise
     */
    record Convert(FieldPath field, TargetType to, FieldPath as) implements TransformSpec {}

    /** What {@link Convert} can make. */
    enum TargetType {
        NUMBER, INT64, STRING, BOOLEAN
    }

    /** Sets a field where it is missing. */
    record Default(FieldPath field, ConvexValue value) implements TransformSpec {}

    /** Removes fields. */
    record Drop(List<FieldPath> fields) implements TransformSpec {

        public Drop {
            fields = List.copyOf(fields);
        }
    }

    /** Sets a field, whatever it holds. */
    record Set(FieldPath field, ConvexValue value) implements TransformSpec {}

    /** Adds to a number or an int64; a field that is missing counts as 0. */
    record Increment(FieldPath field, long by) implements TransformSpec {}
}
