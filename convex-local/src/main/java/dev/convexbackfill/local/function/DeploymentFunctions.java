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
import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.schema.Validator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The system's functions that tell what is deployed. */
final class DeploymentFunctions {

    private DeploymentFunctions() {}

    static List<FunctionDefinition> all(Supplier<List<FunctionDefinition>> installed) {
        return List.of(
                query("_system/cli/modules:apiSpec", SYSTEM, SystemArguments.ofComponent(),
                        (_, _) -> apiSpec(installed.get())),
                cloudUrl("_system/cli/convexUrl:cloudUrl"),
                cloudUrl("_system/frontend/convexCloudUrl:default"),
                query("_system/frontend/components:list", SYSTEM, Validator.object(), (_, _) -> ConvexValue.array()),
                query("_system/frontend/getVersion:default", SYSTEM, Validator.object(), (_, _) -> ConvexNull.NULL),
                query("_system/frontend/deploymentState:deploymentState", SYSTEM, Validator.object(),
                        (_, _) -> ConvexObject.of("state", ConvexValue.of("running"))));
    }

    /** Where the deployment serves. */
    private static FunctionDefinition cloudUrl(String path) {
        return new FunctionDefinition(path, FunctionKind.QUERY, SYSTEM, Validator.object(), Validator.ANY,
                (context, _) -> ConvexValue.of(requireNonNull(context.environment().get("CONVEX_CLOUD_URL"),
                        "CONVEX_CLOUD_URL is not set")));
    }

    private static ConvexValue apiSpec(List<FunctionDefinition> installed) {
        List<ConvexObject> functions = new ArrayList<>();
        List<FunctionDefinition> sorted = installed.stream().sorted(Comparator.comparing(FunctionDefinition::path))
                .toList();
        for (FunctionDefinition function : sorted) {
            functions.add(ConvexObject.builder()
                    .put("identifier", function.path().replaceFirst(":", ".js:"))
                    .put("functionType", function.kind().displayName())
                    .put("visibility",
                            ConvexObject.of("kind",
                                    ConvexValue.of(function.visibility().name().toLowerCase(Locale.ROOT))))
                    .put("args", function.args().toJson())
                    .put("returns", function.returns().toJson())
                    .build());
        }
        return ConvexValue.array(functions);
    }
}
