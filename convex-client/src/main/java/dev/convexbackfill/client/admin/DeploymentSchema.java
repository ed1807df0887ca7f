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
package dev.convexbackfill.client.admin;

import org.jspecify.annotations.Nullable;

/**
 * The schemas that a deployment has at one time.
 *
 * @param active     the one that writes must fit; null if none was ever deployed
 * @param inProgress the one that somebody is deploying: a write that does not fit it succeeds and makes that deploy fail; null
 *                   if nobody is
 */
public record DeploymentSchema(@Nullable SchemaDefinition active, @Nullable SchemaDefinition inProgress) {}
