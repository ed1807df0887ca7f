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

import static dev.convexbackfill.local.function.FunctionDefinition.Visibility.SYSTEM;
import static dev.convexbackfill.local.function.FunctionDefinition.query;

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.schema.Validator;
import java.util.Comparator;
import java.util.List;

/** The system's functions that tell environment variables. */
final class EnvironmentFunctions {

    /** More than a deployment can have. */
    private static final int MAXIMUM = 10_000;

    private EnvironmentFunctions() {}

    static List<FunctionDefinition> all() {
        return List.of(
                query("_system/cli/queryEnvironmentVariables:default", SYSTEM, Validator.object(),
                        (db, _) -> variables(db)),
                query("_system/frontend/listEnvironmentVariables:default", SYSTEM, Validator.object(),
                        (db, _) -> variables(db)),
                new FunctionDefinition("_system/cli/queryEnvironmentVariables:get", FunctionKind.QUERY, SYSTEM,
                        Validator.object().field("name", Validator.STRING), Validator.ANY,
                        (context, args) -> variable(context, args.string("name"))));
    }

    private static ConvexValue variables(Database db) {
        return ConvexValue.array(db.take(SystemTables.ENVIRONMENT_VARIABLES, MAXIMUM).stream()
                .sorted(Comparator.comparing(row -> row.string("name"))).toList());
    }

    /** Also one that the deployment has by itself. */
    private static ConvexValue variable(FunctionContext context, String name) {
        String value = context.environment().get(name);
        return value == null ? ConvexNull.NULL
                : ConvexObject.of("name", ConvexValue.of(name), "value", ConvexValue.of(value));
    }
}
