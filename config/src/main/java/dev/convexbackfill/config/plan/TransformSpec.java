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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.expression.Expression;
import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a step does to a document; it sees what the steps before it made. */
public sealed interface TransformSpec {

    /** The fields that the step sets, where it says so beforehand; {@link OnError.Value} needs them. */
    default List<FieldPath> targets() {
        return List.of();
    }

    /** Moves a field to another name. */
    record Rename(FieldPath from, FieldPath to) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(to);
        }
    }

    /** Sets a field to what another holds. */
    record Copy(FieldPath from, FieldPath to) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(to);
        }
    }

    /** Removes fields. */
    record Drop(List<FieldPath> fields) implements TransformSpec {

        public Drop {
            fields = List.copyOf(fields);
        }
    }

    /** Sets a field, whatever it holds. */
    record Set(FieldPath field, ConvexValue value) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(field);
        }
    }

    /** Sets a field where it is missing. */
    record Default(FieldPath field, ConvexValue value) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(field);
        }
    }

    /** Adds to a number or an int64; a field that is missing counts as 0. */
    record Increment(FieldPath field, long by) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(field);
        }
    }

    /** Sets a field to the value of an expression. */
    record Compute(FieldPath field, Expression value) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(field);
        }
    }

    /**
     * Cuts a string into fields; the source stays.
     *
     * @param at        where to cut
     * @param remainder what becomes of parts that are left over
     */
    record Split(FieldPath from, List<FieldPath> into, Separator at, Remainder remainder) implements TransformSpec {

        public Split {
            into = List.copyOf(into);
        }

        @Override
        public List<FieldPath> targets() {
            return into;
        }
    }

    /** What becomes of the parts of a {@link Split} for which there is no field. */
    enum Remainder {
        /** The first field takes them. */
        FIRST,
        /** The last field takes them. */
        LAST,
        /** They are dropped. */
        DROP,
        /** They are an error. */
        FAIL
    }

    /** Fills a template with fields. */
    record Combine(Template template, FieldPath into) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(into);
        }
    }

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

    /**
     * Gives a field's value another type, strictly; a field that is missing or null stays so.
     *
     * @param as where the result goes; the field itself unless the plan says otherwise
     */
    record Convert(FieldPath field, Conversion to, FieldPath as) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(as);
        }
    }

    /** What {@link Convert} makes. */
    sealed interface Conversion {

        /** A float64. */
        record ToNumber() implements Conversion {}

        /** An int64. */
        record ToInt64() implements Conversion {}

        /** A string. */
        record ToText() implements Conversion {}

        /**
         * A boolean.
         *
         * @param yes the texts that are true
         * @param no  the texts that are false
         */
        record ToBoolean(List<String> yes, List<String> no) implements Conversion {

            public ToBoolean {
                yes = List.copyOf(yes);
                no = List.copyOf(no);
            }
        }

        /**
         * Milliseconds since 1970, as a float64, of a text.
         *
         * @param pattern of {@link java.time.format.DateTimeFormatter}; null for ISO 8601
         * @param zone    of texts that name none
         */
        record ToTimestamp(@Nullable String pattern, ZoneId zone) implements Conversion {}

        /**
         * A text of milliseconds since 1970.
         *
         * @param pattern of {@link java.time.format.DateTimeFormatter}; null for ISO 8601
         * @param zone    that it tells the time of
         */
        record ToDate(@Nullable String pattern, ZoneId zone) implements Conversion {}
    }

    /**
     * Writes a text in the one form that it should have; a field that is missing or null stays so.
     *
     * @param region the country of telephone numbers without one, as in {@code US}; null if there is none
     * @param into   where the result goes; the field itself unless the plan says otherwise
     */
    record Normalize(FieldPath field, NormalForm as, @Nullable String region, FieldPath into)
            implements
                TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(into);
        }
    }

    /** The forms that {@link Normalize} knows. */
    enum NormalForm {
        EMAIL, PHONE, URL, TRIM, WHITESPACE, LOWER, UPPER, NFC, NFKC
    }

    /**
     * Moves fields into an object.
     *
     * @param fields   by their names in the object
     * @param defaults what the object has besides where no field says otherwise
     */
    record Nest(Map<String, FieldPath> fields, FieldPath into, ConvexObject defaults) implements TransformSpec {

        public Nest {
            fields = new LinkedHashMap<>(fields);
        }

        @Override
        public List<FieldPath> targets() {
            return List.of(into);
        }
    }

    /**
     * Moves the fields of an object out of it, and removes what is left of it if nothing is.
     *
     * @param fields   where each goes, by its name in the object
     * @param defaults what fields get that the object does not have, by their names in the object
     */
    record Flatten(FieldPath from, Map<String, FieldPath> fields, ConvexObject defaults) implements TransformSpec {

        public Flatten {
            fields = new LinkedHashMap<>(fields);
        }

        @Override
        public List<FieldPath> targets() {
            return List.copyOf(fields.values());
        }
    }

    /**
     * Cuts a string into an array of strings without white space around them.
     *
     * @param keepEmpty whether parts without text stay
     */
    record SplitArray(FieldPath from, FieldPath into, Separator at, boolean keepEmpty) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(into);
        }
    }

    /** Removes elements of an array that it has already had. */
    record Unique(FieldPath field) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(field);
        }
    }

    /** Replaces each element of an array by the value of an expression. */
    record MapArray(FieldPath field, Expression value) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(field);
        }
    }

    /**
     * Replaces the id of a document by the id of the document that an earlier run has inserted for it; in an array, each id. A
     * field that is missing or null stays so, and so does an id that is such a new one already.
     *
     * @param run which has inserted the documents
     */
    record Reference(FieldPath field, String run) implements TransformSpec {

        @Override
        public List<FieldPath> targets() {
            return List.of(field);
        }
    }

    /** Work that code of the user's does. */
    sealed interface External extends TransformSpec {}

    /**
     * Calls a JavaScript function with each document.
     *
     * @param file     relative to the plan's folder
     * @param function a name that the file exports
     * @param code     what the file held when the plan was read
     */
    record JavaScript(String file, String function, Code code) implements External {}

    /**
     * Calls a plugin in Java.
     *
     * @param plugin  its name
     * @param with    what the plan tells it
     * @param timeout for a chunk
     */
    record Java(String plugin, ConvexObject with, Duration timeout) implements External {}
}
