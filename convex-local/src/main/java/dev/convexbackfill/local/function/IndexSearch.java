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
package dev.convexbackfill.local.function;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.Database.Page;
import dev.convexbackfill.local.function.Database.PageOptions;
import dev.convexbackfill.local.function.Database.PageQuery;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.IndexRange;
import dev.convexbackfill.local.store.RangeExpression;
import dev.convexbackfill.local.store.RangeExpression.Comparison;
import java.util.ArrayList;
import java.util.List;

/** The Java twin of {@code find} in {@code convex/backfill.ts}, which see there. */
final class IndexSearch {

    private static final Validator END = Validator.object().field("field", Validator.STRING)
            .optional("value", Validator.ANY).field("inclusive", Validator.BOOLEAN);

    static final Validator ARGUMENTS = Validator.object().field("table", Validator.STRING)
            .field("index", Validator.STRING)
            .field("equals", Validator.array(
                    Validator.object().field("field", Validator.STRING).optional("value", Validator.ANY)))
            .optional("lower", END).optional("upper", END)
            .field("cursor", Validator.nullable(Validator.STRING)).field("documents", Validator.NUMBER)
            .field("bytes", Validator.NUMBER);

    private IndexSearch() {}

    static ConvexValue find(Database db, ConvexObject args) {
        String table = args.string("table");
        String index = args.string("index");
        List<RangeExpression> range = new ArrayList<>();
        for (ConvexValue equal : args.array("equals")) {
            range.add(expression(Comparison.EQ, (ConvexObject) equal));
        }
        if (args.get("lower") instanceof ConvexObject lower) {
            range.add(expression(lower.bool("inclusive") ? Comparison.GTE : Comparison.GT, lower));
        }
        if (args.get("upper") instanceof ConvexObject upper) {
            range.add(expression(upper.bool("inclusive") ? Comparison.LTE : Comparison.LT, upper));
        }
        Page page = db.paginate(
                new PageQuery(table, index,
                        IndexRange.bounds(table + "." + index, db.indexFields(table, index), range), false),
                new PageOptions((int) BackfillFunctions.pageMaximum(args.number("documents")),
                        args.optionalString("cursor"), 0, BackfillFunctions.pageMaximum(args.number("bytes"))));
        return ConvexObject.builder()
                .put("ids", ConvexValue.array(page.documents().stream()
                        .map(document -> ConvexValue.of(document.string("_id"))).toList()))
                .put("cursor", page.continueCursor())
                .put("isDone", page.isDone())
                .build();
    }

    private static RangeExpression expression(Comparison comparison, ConvexObject operand) {
        return new RangeExpression(comparison, operand.string("field"), operand.get("value"));
    }
}
