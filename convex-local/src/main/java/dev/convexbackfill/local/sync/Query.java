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

import org.jspecify.annotations.Nullable;

/**
 * A query that a client watches.
 *
 * @param id        chosen by the client
 * @param args      JSON text as the client sent it
 * @param journal   what the client last got with its result; null for a first time
 * @param component where the function is; empty or null for the app itself
 */
record Query(long id, String path, String args, @Nullable String journal, @Nullable String component) {}
