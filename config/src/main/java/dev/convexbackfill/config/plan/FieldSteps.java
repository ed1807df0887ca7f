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
import dev.convexbackfill.config.expression.Expression;
import dev.convexbackfill.config.plan.TransformParser.Reader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads the steps that set, move and remove whole fields. */
final class FieldSteps {

    private final YamlValues values;

    FieldSteps(YamlValues values) {
        this.values = values;
    }

    Map<String, Reader> readers() {
        Map<String, Reader> readers = new LinkedHashMap<>();
        readers.put("rename",
                of -> moved(of, of.field(of.require("from"), "from")) instanceof Move(FieldPath from, FieldPath to)
                        ? new TransformSpec.Rename(from, to)
                        : null);
        readers.put("copy",
                of -> moved(of, of.source(of.require("from"), "from")) instanceof Move(FieldPath from, FieldPath to)
                        ? new TransformSpec.Copy(from, to)
                        : null);
        readers.put("drop", FieldSteps::drop);
        readers.put("reference", FieldSteps::reference);
        readers.put("set", of -> {
            FieldPath field = field(of);
            ConvexValue value = value(of);
            return field == null || value == null ? null : new TransformSpec.Set(field, value);
        });
        readers.put("default", of -> {
            FieldPath field = field(of);
            ConvexValue value = value(of);
            return field == null || value == null ? null : new TransformSpec.Default(field, value);
        });
        readers.put("increment", FieldSteps::increment);
        readers.put("compute", of -> {
            FieldPath field = field(of);
            Expression value = of.expression(of.require("value"), "value");
            return field == null || value == null ? null : new TransformSpec.Compute(field, value);
        });
        return readers;
    }

    private record Move(FieldPath from, FieldPath to) {}

    private static @Nullable Move moved(YamlMapping of, @Nullable FieldPath from) {
        FieldPath to = of.field(of.require("to"), "to");
        if (from != null && from.equals(to)) {
            of.problem("to", "must differ from 'from'");
            return null;
        }
        return from == null || to == null ? null : new Move(from, to);
    }

    private static @Nullable TransformSpec drop(YamlMapping of) {
        Node node = of.require("fields");
        List<FieldPath> fields = of.fields(node, "fields", 1);
        return fields == null ? null : new TransformSpec.Drop(fields);
    }

    /** Of the short form of a drop, which is one field or a list of them. */
    static @Nullable List<FieldPath> dropped(YamlMapping step, @Nullable Node body, String kind) {
        if (body instanceof SequenceNode) {
            return step.fields(body, kind, 1);
        }
        FieldPath field = step.field(body, kind);
        return field == null ? null : List.of(field);
    }

    private static @Nullable FieldPath field(YamlMapping of) {
        return of.field(of.require("field"), "field");
    }

    private @Nullable ConvexValue value(YamlMapping of) {
        Node node = of.require("value");
        return node == null ? null : values.read(node, of.path("value"));
    }

    private static @Nullable TransformSpec reference(YamlMapping of) {
        FieldPath field = field(of);
        String run = of.text(of.require("run"), "run");
        if (run != null && !PlanParser.isName(run)) {
            of.problem("run", "must be the name of a run that has inserted documents, not '%s'".formatted(run));
            return null;
        }
        return field == null || run == null ? null : new TransformSpec.Reference(field, run);
    }

    private static @Nullable TransformSpec increment(YamlMapping of) {
        FieldPath field = field(of);
        Node byNode = of.take("by");
        Integer by = byNode == null ? Integer.valueOf(1)
                : of.number(byNode, "by", -Integer.MAX_VALUE, Integer.MAX_VALUE);
        if (by != null && by == 0) {
            of.problem("by", "must not be 0");
            return null;
        }
        return field == null || by == null ? null : new TransformSpec.Increment(field, by);
    }
}
