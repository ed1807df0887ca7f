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
package dev.convexbackfill.local.sync;

import dev.convexbackfill.local.auth.AdminKey;
import dev.convexbackfill.local.function.FunctionRunner;
import dev.convexbackfill.local.store.Store;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** What all sockets of a deployment work with. */
record SyncContext(Store store, FunctionRunner runner, Calls calls, AdminKey adminKey, Executor executor,
        Heartbeat heartbeat, LongSupplier nanoTime) {}
