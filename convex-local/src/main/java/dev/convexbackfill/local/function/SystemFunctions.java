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

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The functions that every deployment has for Convex's own tools. */
final class SystemFunctions {

    private SystemFunctions() {}

    /** {@code installed} tells what the app has deployed. */
    static List<FunctionDefinition> all(Supplier<List<FunctionDefinition>> installed) {
        return Stream.of(
                DeploymentFunctions.all(installed),
                TableFunctions.all(),
                DataFunctions.all(),
                SchemaFunctions.all(),
                EnvironmentFunctions.all(),
                SnapshotFunctions.all())
                .flatMap(List::stream).toList();
    }
}
