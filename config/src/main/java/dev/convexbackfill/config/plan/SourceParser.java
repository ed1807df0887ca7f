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
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Source.Pagination;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the key {@code source} of a plan. */
final class SourceParser {

    private static final List<String> WORDS = Arrays.stream(Pagination.values()).map(Pagination::word).toList();

    private SourceParser() {}

    /** The documents that {@code where} selects, of those that the source returns; {@code where} itself if there is none. */
    static Selection parse(YamlMapping top, Selection where, YamlValues values) {
        Node node = top.take("source");
        YamlMapping mapping = node == null ? null : top.inner(node, "source");
        if (mapping == null) {
            return where;
        }
        if (where.slice() != null && !where.slice().index().equals(IndexSlice.BY_CREATION_TIME)) {
            top.problem("source", "can't be given with where.index: only one of them can find the documents;"
                    + " write the other as a where.filter");
        }
        FunctionPath query = FunctionNames.read(mapping, mapping.require("query"), "query");
        Node argsNode = mapping.take("args");
        String word = mapping.choice(mapping.take("pagination"), "pagination", WORDS);
        Pagination pagination = Arrays.stream(Pagination.values()).filter(one -> one.word().equals(word)).findFirst()
                .orElse(Pagination.PAGINATION_OPTS);
        ConvexObject args = args(mapping, argsNode, pagination, values);
        mapping.close(Map.of());
        return query == null ? where
                : new Selection(where.slice(), where.filter(), new Source(query, args, pagination));
    }

    private static ConvexObject args(YamlMapping source, @Nullable Node node, Pagination pagination,
            YamlValues values) {
        if (node == null) {
            return ConvexObject.EMPTY;
        }
        ConvexValue value = node instanceof MappingNode ? values.read(node, source.path("args")) : null;
        if (!(value instanceof ConvexObject args)) {
            if (value != null || !(node instanceof MappingNode)) {
                source.problem("args", "must be a mapping of names to values, as in { team: red }");
            }
            return ConvexObject.EMPTY;
        }
        List<String> own = switch (pagination) {
            case PAGINATION_OPTS -> List.of("paginationOpts");
            case NEXT_CURSOR -> List.of("cursor", "limit");
        };
        own.stream().filter(args::has).forEach(name -> source.problem("args",
                "can't have '%s': the run itself gives it, for each page another".formatted(name)));
        return args;
    }
}
