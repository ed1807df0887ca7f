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

import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.config.expression.Expression;
import dev.convexbackfill.config.plan.Sink.Per;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the key {@code sink} of a plan. */
final class SinkParser {

    private static final List<String> WORDS = Arrays.stream(Per.values()).map(Per::word).toList();

    private SinkParser() {}

    /** Null if there is none, and also, with problems, if it is wrong. */
    static @Nullable Sink parse(YamlMapping top) {
        Node node = top.take("sink");
        YamlMapping mapping = node == null ? null : top.inner(node, "sink");
        if (mapping == null) {
            return null;
        }
        FunctionPath mutation = FunctionNames.read(mapping, mapping.require("mutation"), "mutation");
        String per = mapping.choice(mapping.take("per"), "per", WORDS);
        Map<String, Expression> args = args(mapping, mapping.take("args"));
        mapping.close(Map.of());
        return mutation == null ? null
                : new Sink(mutation, Per.CHUNK.word().equals(per) ? Per.CHUNK : Per.DOCUMENT, args);
    }

    private static Map<String, Expression> args(YamlMapping sink, @Nullable Node node) {
        YamlMapping mapping = node == null ? null : sink.inner(node, "args");
        if (mapping == null) {
            return Map.of();
        }
        if (mapping.names().isEmpty()) {
            sink.problem("args", "must name at least one argument, as in { userId: 'doc._id' };"
                    + " leave it out for id, set and unset");
        }
        Map<String, Expression> args = new LinkedHashMap<>();
        for (String name : List.copyOf(mapping.names())) {
            Expression expression = mapping.argument(mapping.take(name), name);
            String problem = FieldName.problemOfDocumentField(name);
            if (problem != null) {
                mapping.problem(name, "is no name of an argument: " + problem);
            } else if (expression != null) {
                args.put(name, expression);
            }
        }
        return args;
    }
}
