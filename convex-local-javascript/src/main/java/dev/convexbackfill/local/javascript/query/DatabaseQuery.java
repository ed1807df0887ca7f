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
package dev.convexbackfill.local.javascript.query;

import dev.convexbackfill.local.function.Database;
import dev.convexbackfill.local.function.Database.PageCondition;
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.IndexRange;
import dev.convexbackfill.local.store.InvalidOperationException;
import dev.convexbackfill.local.store.RangeExpression;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A query.
 *
 * @param index null for the whole table in the order of creation
 */
public record DatabaseQuery(String table, @Nullable String index, List<RangeExpression> range, boolean descending,
        List<QueryOperator> operators) {

    public DatabaseQuery {
        range = List.copyOf(range);
        operators = List.copyOf(operators);
    }

    /** Which documents it goes through, before its operators. Throws {@link InvalidOperationException}. */
    public PageQuery pages(Database db) {
        return index == null ? new PageQuery(table, "by_creation_time", IndexBounds.ALL, descending)
                : new PageQuery(table, index, bounds(db, index), descending);
    }

    /** Its filters. Throws {@link InvalidOperationException} if it has a limit, which a page can't have. */
    public PageCondition condition() {
        List<Expression> filters = new ArrayList<>();
        for (QueryOperator operator : operators) {
            switch (operator) {
                case QueryOperator.Filter(Expression condition) -> filters.add(condition);
                case QueryOperator.Limit _ -> throw new InvalidOperationException("A query with a limit has no pages");
            }
        }
        return filters.isEmpty() ? PageCondition.NONE
                : document -> filters.stream().allMatch(filter -> filter.isTrueOf(document));
    }

    /** What tells its filters from all others. */
    public String conditionText() {
        return operators.isEmpty() ? "" : operators.toString();
    }

    private IndexBounds bounds(Database db, String name) {
        return IndexRange.bounds(table + "." + name, db.indexFields(table, name), range);
    }
}
