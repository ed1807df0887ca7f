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
import dev.convexbackfill.config.plan.TransformParser.Reader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the steps that make and take apart objects and arrays. */
final class ShapeSteps {

    private final YamlValues values;

    ShapeSteps(YamlValues values) {
        this.values = values;
    }

    Map<String, Reader> readers() {
        Map<String, Reader> readers = new LinkedHashMap<>();
        readers.put("nest", this::nest);
        readers.put("flatten", this::flatten);
        readers.put("splitArray", ShapeSteps::splitArray);
        readers.put("unique", of -> {
            FieldPath field = of.field(of.require("field"), "field");
            return field == null ? null : new TransformSpec.Unique(field);
        });
        readers.put("mapArray", of -> {
            FieldPath field = of.field(of.require("field"), "field");
            Expression value = of.expression(of.require("value"), "value");
            return field == null || value == null ? null : new TransformSpec.MapArray(field, value);
        });
        return readers;
    }

    private @Nullable TransformSpec nest(YamlMapping of) {
        Map<String, FieldPath> fields = inside(of);
        FieldPath into = of.field(of.require("into"), "into");
        ConvexObject defaults = defaults(of);
        return fields == null || into == null || defaults == null ? null
                : new TransformSpec.Nest(fields, into, defaults);
    }

    private @Nullable TransformSpec flatten(YamlMapping of) {
        FieldPath from = of.field(of.require("from"), "from");
        Map<String, FieldPath> fields = inside(of);
        ConvexObject defaults = defaults(of);
        return from == null || fields == null || defaults == null ? null
                : new TransformSpec.Flatten(from, fields, defaults);
    }

    /** The key {@code fields}: names in the object and fields outside it, or a list of those that are called the same. */
    private static @Nullable Map<String, FieldPath> inside(YamlMapping of) {
        Node node = of.require("fields");
        if (node instanceof MappingNode) {
            return of.fieldsByName(node, "fields");
        }
        List<FieldPath> fields = of.fields(node, "fields", 1);
        if (fields == null) {
            return null;
        }
        Map<String, FieldPath> byName = new LinkedHashMap<>();
        for (FieldPath field : fields) {
            byName.put(field.names().getLast(), field);
        }
        if (byName.size() < fields.size()) {
            of.problem("fields", "has two fields that would have the same name; write { name: field } instead");
            return null;
        }
        return byName;
    }

    private @Nullable ConvexObject defaults(YamlMapping of) {
        Node node = of.take("defaults");
        if (node == null) {
            return ConvexObject.EMPTY;
        }
        ConvexValue value = values.read(node, of.path("defaults"));
        if (value instanceof ConvexObject object) {
            return object;
        }
        if (value != null) {
            of.problem("defaults", "must be a mapping of names to values");
        }
        return null;
    }

    private static @Nullable TransformSpec splitArray(YamlMapping of) {
        FieldPath from = of.field(of.require("from"), "from");
        Node intoNode = of.take("into");
        FieldPath into = intoNode == null ? from : of.field(intoNode, "into");
        Separator at = TextSteps.separator(of);
        boolean keepEmpty = of.truth(of.take("keepEmpty"), "keepEmpty", false);
        return from == null || into == null || at == null ? null
                : new TransformSpec.SplitArray(from, into, at, keepEmpty);
    }
}
