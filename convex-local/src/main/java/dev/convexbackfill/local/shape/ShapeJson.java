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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.ArrayList;
import java.util.List;

/** Shapes as Convex's dashboard reads them. Source: {@code crates/common/src/shapes/dashboard.rs} of the Convex backend. */
public final class ShapeJson {

    private ShapeJson() {}

    public static ConvexObject of(Shape shape) {
        List<Shape.Case> cases = shape.cases();
        return switch (cases.size()) {
            case 0 -> typed("Never");
            case 1 -> of(cases.getFirst());
            default -> typed("Union").with("shapes", ConvexValue.array(cases.stream().map(ShapeJson::of).toList()));
        };
    }

    private static ConvexObject of(Shape.Case single) {
        return switch (single) {
            case Shape.Case.Scalar scalar -> typed(switch (scalar) {
                case NULL -> "Null";
                case INT64 -> "Int64";
                case BOOLEAN -> "Boolean";
                case STRING -> "String";
                case BYTES -> "Bytes";
            });
            case Shape.Case.Float64(boolean hasSpecialValues) -> typed("Float64").with("float64Range",
                    ConvexObject.of("hasSpecialValues", ConvexValue.of(hasSpecialValues)));
            case Shape.Case.Id(String table) -> typed("Id").with("tableName", ConvexValue.of(table));
            case Shape.Case.ArrayOf(Shape element) -> typed("Array").with("shape", of(element));
            case Shape.Case.RecordOf(Shape value) -> typed("Record").with("keyShape", typed("String")).with(
                    "valueShape",
                    ConvexObject.of("optional", ConvexValue.of(false), "shape", of(value)));
            case Shape.Case.ObjectOf object -> {
                List<ConvexObject> fields = new ArrayList<>();
                object.fields().forEach((name, field) -> fields.add(ConvexObject.builder().put("fieldName", name)
                        .put("optional", field.optional()).put("shape", of(field.shape())).build()));
                yield typed("Object").with("fields", ConvexValue.array(fields));
            }
        };
    }

    private static ConvexObject typed(String type) {
        return ConvexObject.of("type", ConvexValue.of(type));
    }
}
