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
package dev.convexbackfill.job.reference;

/**
 * A reference by an id that leads nowhere any more.
 *
 * @param table    of the document that holds it
 * @param field    where in the document: {@code author}, {@code members[]}, {@code profile.owner}; <code>votes{}</code> are names of
 *                 fields in {@code votes}, {@code votes.*} what such fields hold, and {@code votes.**} is anywhere inside
 * @param document the id of the document that holds it
 * @param oldId    what it holds
 * @param newId    what it should hold
 */
public record FoundReference(String table, String field, String document, String oldId, String newId) {}
