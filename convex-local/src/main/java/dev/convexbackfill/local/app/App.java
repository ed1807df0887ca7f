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
package dev.convexbackfill.local.app;

import dev.convexbackfill.local.function.FunctionDefinition;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An app that is ready to be deployed. Closing it gives up what it holds; functions that run end as they would. */
public interface App extends AutoCloseable {

    List<FunctionDefinition> functions();

    /** What its {@code schema.ts} exports, as JSON; null if it has none. */
    @Nullable
    String schema();

    /** What was found and is not run here, for people. */
    List<String> notes();

    /** The files and folders that it was made of; a change there makes another app. */
    List<Path> watched();

    @Override
    void close();
}
