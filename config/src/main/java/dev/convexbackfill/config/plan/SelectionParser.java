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
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.config.expression.Expression;
import dev.convexbackfill.config.plan.IndexSlice.Bound;
import dev.convexbackfill.config.plan.IndexSlice.Equality;
import dev.convexbackfill.config.plan.IndexSlice.FieldRange;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads which documents of its table a plan is for. */
final class SelectionParser {

    private static final FieldPath CREATION_TIME = FieldPath.of(FieldName.CREATION_TIME);
    private static final String MISSING = "$missing";

    private final List<PlanProblem> problems;
    private final YamlValues values;

    SelectionParser(List<PlanProblem> problems) {
        this.problems = problems;
        this.values = new YamlValues(problems);
    }

    /** Everything where there is nothing to read, and also, with problems, where that is wrong. */
    Selection parse(@Nullable Node node) {
        YamlMapping where = node == null ? null : YamlMapping.of(node, "where", problems);
        if (where == null) {
            return Selection.EVERYTHING;
        }
        if (where.names().isEmpty()) {
            problems.add(new PlanProblem(where.line(), "where",
                    "must say which documents: createdFrom, createdBefore, index or filter; leave it out for all"));
        }
        IndexSlice created = created(where);
        IndexSlice indexed = indexed(where);
        if (created != null && indexed != null) {
            where.problem("index",
                    "can't be given with createdFrom or createdBefore; write one of them as a filter, as in"
                            + " 'doc._creationTime >= 1704067200000.0'");
        }
        Expression filter = where.condition(where.take("filter"), "filter");
        where.close(Map.of());
        return new Selection(created == null ? indexed : created, filter);
    }

    private @Nullable IndexSlice created(YamlMapping where) {
        Bound from = moment(where, "createdFrom", true);
        Bound before = moment(where, "createdBefore", false);
        if (from == null && before == null) {
            return null;
        }
        FieldRange range = new FieldRange(CREATION_TIME, from, before);
        if (range.isEmpty()) {
            where.problem("createdBefore", "must be later than createdFrom");
        }
        return new IndexSlice(IndexSlice.BY_CREATION_TIME, List.of(), range);
    }

    private @Nullable Bound moment(YamlMapping where, String name, boolean inclusive) {
        String text = where.text(where.take(name), name);
        if (text == null) {
            return null;
        }
        try {
            OffsetDateTime moment = text.contains("T") ? OffsetDateTime.parse(text)
                    : LocalDate.parse(text).atStartOfDay().atOffset(ZoneOffset.UTC);
            return new Bound(ConvexValue.number((double) moment.toInstant().toEpochMilli()), inclusive);
        } catch (DateTimeParseException | ArithmeticException _) {
            where.problem(name,
                    "must be a day, as in 2025-01-31, which begins at midnight UTC, or a time with its offset, as in"
                            + " 2025-01-31T12:00:00Z, not '%s'".formatted(text));
            return null;
        }
    }

    private @Nullable IndexSlice indexed(YamlMapping where) {
        Node indexNode = where.take("index");
        Node equalsNode = where.take("equals");
        Node rangeNode = where.take("range");
        String index = where.text(indexNode, "index");
        List<Equality> equals = equalsNode == null ? List.of() : equalities(where, equalsNode);
        FieldRange range = rangeNode == null ? null : range(where, rangeNode);
        if (indexNode == null) {
            for (String name : List.of("equals", "range")) {
                if ((name.equals("equals") ? equalsNode : rangeNode) != null) {
                    where.problem(name, "needs 'index', the name of the index that it is about");
                }
            }
            return null;
        }
        if (equalsNode == null && rangeNode == null) {
            where.problem("index", "needs 'equals', 'range' or both; a whole index is the whole table");
        }
        if (index != null && (!FieldName.isIdentifier(index) || index.equals(IndexSlice.BY_CREATION_TIME)
                || index.equals("by_id"))) {
            where.problem("index", ("must be an index of the app's schema, not '%s'; times of creation are selected by"
                    + " createdFrom and createdBefore").formatted(index));
        }
        if (range != null && equals.stream().anyMatch(equality -> equality.field().equals(range.field()))) {
            where.problem("range", "is of the field '%s', which 'equals' already names".formatted(range.field()));
        }
        return index == null ? null : new IndexSlice(index, equals, range);
    }

    private List<Equality> equalities(YamlMapping where, Node node) {
        YamlMapping mapping = where.inner(node, "equals");
        if (mapping == null) {
            return List.of();
        }
        if (mapping.names().isEmpty()) {
            where.problem("equals", "must name at least one field, as in { city: Paris }");
        }
        List<Equality> equals = new ArrayList<>();
        for (String name : List.copyOf(mapping.names())) {
            Node value = mapping.take(name);
            String problem = FieldPath.problem(name);
            if (problem != null) {
                mapping.problem(name, problem);
            } else if (value != null) {
                equals.add(new Equality(FieldPath.of(name), value(value, mapping.path(name))));
            }
        }
        return equals;
    }

    private @Nullable FieldRange range(YamlMapping where, Node node) {
        YamlMapping mapping = where.inner(node, "range");
        if (mapping == null) {
            return null;
        }
        FieldPath field = mapping.field(mapping.require("field"), "field");
        Bound lower = bound(mapping, "from", "after");
        Bound upper = bound(mapping, "through", "before");
        if (lower == null && upper == null) {
            where.problem("range", "needs a bound: from or after, through or before");
        }
        mapping.close(Map.of());
        if (field == null) {
            return null;
        }
        FieldRange range = new FieldRange(field, lower, upper);
        if (range.isEmpty()) {
            where.problem("range", "is empty: nothing lies between its bounds; an int64 comes before every number");
        }
        return range;
    }

    /** The first of the names includes its value. */
    private @Nullable Bound bound(YamlMapping range, String including, String excluding) {
        Node with = range.take(including);
        Node without = range.take(excluding);
        if (with != null && without != null) {
            range.problem(excluding, "can't be given with '%s'".formatted(including));
        }
        if (with != null) {
            return new Bound(value(with, range.path(including)), true);
        }
        return without == null ? null : new Bound(value(without, range.path(excluding)), false);
    }

    /** Null for a missing field, and also, with a problem, for what is no value. */
    private @Nullable ConvexValue value(Node node, String key) {
        return isMissing(node) ? null : values.read(node, key);
    }

    private static boolean isMissing(Node node) {
        return node instanceof MappingNode mapping && mapping.getValue().size() == 1
                && mapping.getValue().getFirst().getKeyNode() instanceof ScalarNode name
                && name.getValue().equals(MISSING)
                && mapping.getValue().getFirst().getValueNode() instanceof ScalarNode truth
                && truth.getTag().equals(Tag.BOOL) && truth.getValue().equals("true");
    }
}
