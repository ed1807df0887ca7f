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
package dev.convexbackfill.local.shape;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexBytes;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.local.schema.TableNames;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What some values look like together. It grows with every value that is {@link #add added}; not thread-safe. Source of its
 * cases: {@code crates/common/src/shapes/reduced.rs} of the Convex backend.
 */
public final class Shape {

    /** Objects with more different fields than that are taken for records. */
    private static final int MAX_FIELDS = 256;

    /** One kind of value that was seen. */
    public sealed interface Case {

        /** A type without parts. */
        enum Scalar implements Case {
            NULL, INT64, BOOLEAN, STRING, BYTES
        }

        /**
         * A float64.
         *
         * @param hasSpecialValues true if there was a NaN, an infinity or {@code -0.0}
         */
        record Float64(boolean hasSpecialValues) implements Case {}

        /** An id of a table. */
        record Id(String table) implements Case {}

        record ArrayOf(Shape element) implements Case {}

        /** Objects with these fields. */
        record ObjectOf(SortedMap<String, Field> fields) implements Case {}

        /** Objects whose field names are data. */
        record RecordOf(Shape value) implements Case {}
    }

    /** A field of objects, and whether some of them do without it. */
    public record Field(Shape shape, boolean optional) {}

    private final TableNames tables;
    private final Set<Case.Scalar> scalars = EnumSet.noneOf(Case.Scalar.class);
    private final Set<String> idTables = new TreeSet<>();
    private boolean hasFloats;
    private boolean hasSpecialFloats;
    private @Nullable Shape element;
    private long objects;
    private boolean isRecord;
    private final TreeMap<String, Counted> fields = new TreeMap<>();

    private static final class Counted {

        private final Shape shape;
        private long times;

        Counted(Shape shape) {
            this.shape = shape;
        }
    }

    /** Of no value yet. */
    public Shape(TableNames tables) {
        this.tables = tables;
    }

    public void add(ConvexValue value) {
        switch (value) {
            case ConvexNull _ -> scalars.add(Case.Scalar.NULL);
            case ConvexInt64 _ -> scalars.add(Case.Scalar.INT64);
            case ConvexBoolean _ -> scalars.add(Case.Scalar.BOOLEAN);
            case ConvexBytes _ -> scalars.add(Case.Scalar.BYTES);
            case ConvexFloat64 number -> {
                hasFloats = true;
                hasSpecialFloats |= !number.isOrdinary();
            }
            case ConvexString(String text) -> {
                String table = DocumentId.isValid(text) ? tables.nameOf(DocumentId.parse(text).tableNumber()) : null;
                if (table == null) {
                    scalars.add(Case.Scalar.STRING);
                } else {
                    idTables.add(table);
                }
            }
            case ConvexArray array -> {
                Shape elements = element == null ? new Shape(tables) : element;
                array.forEach(elements::add);
                element = elements;
            }
            case ConvexObject object -> {
                objects++;
                object.forEach(this::addField);
                isRecord |= fields.size() > MAX_FIELDS;
            }
        }
    }

    private void addField(String name, ConvexValue value) {
        isRecord |= !FieldName.isIdentifier(name);
        Counted field = fields.computeIfAbsent(name, _ -> new Counted(new Shape(tables)));
        field.times++;
        field.shape.add(value);
    }

    /** The kinds of values that were seen; none if there was no value. */
    public List<Case> cases() {
        List<Case> cases = new ArrayList<>(scalars);
        if (!scalars.contains(Case.Scalar.STRING)) {
            idTables.forEach(table -> cases.add(new Case.Id(table)));
        }
        if (hasFloats) {
            cases.add(new Case.Float64(hasSpecialFloats));
        }
        if (element != null) {
            cases.add(new Case.ArrayOf(element));
        }
        if (objects > 0) {
            cases.add(isRecord ? new Case.RecordOf(merged()) : objectCase());
        }
        return cases;
    }

    private Case objectCase() {
        SortedMap<String, Field> described = new TreeMap<>();
        fields.forEach((name, field) -> described.put(name, new Field(field.shape, field.times < objects)));
        return new Case.ObjectOf(described);
    }

    private Shape merged() {
        Shape merged = new Shape(tables);
        fields.values().forEach(field -> merged.include(field.shape));
        return merged;
    }

    private void include(Shape other) {
        scalars.addAll(other.scalars);
        idTables.addAll(other.idTables);
        hasFloats |= other.hasFloats;
        hasSpecialFloats |= other.hasSpecialFloats;
        if (other.element != null) {
            Shape elements = element == null ? new Shape(tables) : element;
            elements.include(other.element);
            element = elements;
        }
        objects += other.objects;
        isRecord |= other.isRecord;
        other.fields.forEach((name, field) -> {
            Counted own = fields.computeIfAbsent(name, _ -> new Counted(new Shape(tables)));
            own.times += field.times;
            own.shape.include(field.shape);
        });
    }
}
