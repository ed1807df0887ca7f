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
package dev.convexbackfill.readerswriters.quarantine;

/**
 * A run that tries the documents again that another, and earlier replays of it, could not change. It has a ledger, a journal
 * and a quarantine of its own. What lies behind its ledger's position leaves the quarantine of the others: it was changed,
 * needs no change any more, is gone, or is in the replay's own quarantine now.
 *
 * @param of  the run whose quarantine it is
 * @param run the replay itself
 */
public record Replay(String of, String run) {}
