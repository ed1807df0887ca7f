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
import dev.convexbackfill.local.function.Database.PageOptions;
import dev.convexbackfill.local.schema.Validator;

/** Arguments that several of the system's functions take. */
final class SystemArguments {

    /** Source: {@code npm-packages/system-udfs/convex/_system/paginationLimits.ts} of the Convex backend. */
    private static final int MAXIMUM_ROWS = 10_000;
    private static final long MAXIMUM_BYTES = 5_000_000;

    static final Validator.ObjectOf PAGINATION = Validator.object()
            .field("numItems", Validator.NUMBER)
            .field("cursor", Validator.nullable(Validator.STRING))
            .optional("endCursor", Validator.nullable(Validator.STRING))
            .optional("id", Validator.NUMBER)
            .optional("maximumRowsRead", Validator.NUMBER)
            .optional("maximumBytesRead", Validator.NUMBER);

    private SystemArguments() {}

    /** The arguments of a function that can be told to look at a component; there are none here but the app itself. */
    static Validator.ObjectOf ofComponent() {
        return Validator.object().optional("componentId", Validator.nullable(Validator.STRING));
    }

    /** What {@code paginationOpts} asks for, within the limits of the system's own pagers. */
    static PageOptions page(ConvexObject args) {
        ConvexObject options = args.object("paginationOpts");
        return new PageOptions((int) options.number("numItems"), options.optionalString("cursor"), MAXIMUM_ROWS,
                MAXIMUM_BYTES);
    }
}
