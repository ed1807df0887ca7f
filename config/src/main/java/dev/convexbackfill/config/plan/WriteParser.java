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

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads the keys {@code write} and {@code confirm} of a plan. */
final class WriteParser {

    private static final String DELETE = "delete";
    private static final String INSERT_INTO = "insertInto";

    private WriteParser() {}

    /** {@code table} is the one that the plan goes over; null if the plan does not say. {@code sink} null if there is none. */
    static Write parse(YamlMapping top, @Nullable String table, @Nullable Sink sink) {
        Write write = write(top, table, sink);
        Node confirmNode = top.take("confirm");
        String confirmed = top.choice(confirmNode, "confirm", List.of(DELETE));
        boolean deletes = write instanceof Write.Delete;
        if (deletes && confirmNode == null) {
            top.problem("write", "deletes documents of '%s'; say that this is meant, with the line 'confirm: delete'"
                    .formatted(table));
        }
        if (!deletes && confirmed != null) {
            top.problem("confirm", "is only for 'write: delete'");
        }
        return write;
    }

    private static Write write(YamlMapping top, @Nullable String table, @Nullable Sink sink) {
        Node node = top.take("write");
        if (sink != null) {
            if (node != null) {
                top.problem("write",
                        "can't be given with 'sink': either the run writes, or the app's own function does");
            }
            return new Write.Call(sink.mutation());
        }
        if (node == null) {
            return new Write.Patch();
        }
        if (node instanceof ScalarNode) {
            return switch (top.text(node, "write")) {
                case "replace" -> new Write.Replace();
                case DELETE -> new Write.Delete();
                case "patch" -> new Write.Patch();
                case null -> new Write.Patch();
                case String other -> {
                    top.problem("write", "must be patch, replace, delete or { insertInto: TABLE }, not '%s'"
                            .formatted(other));
                    yield new Write.Patch();
                }
            };
        }
        YamlMapping insert = top.inner(node, "write");
        if (insert == null) {
            return new Write.Patch();
        }
        String target = TableNames.read(insert, insert.require(INSERT_INTO), INSERT_INTO);
        insert.close(Map.of());
        if (target != null && target.equals(table)) {
            insert.problem(INSERT_INTO, "must be another table than '%s', which the plan reads".formatted(table));
        }
        return target == null ? new Write.Patch() : new Write.InsertInto(target);
    }
}
