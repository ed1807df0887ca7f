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

/**
 * What a client knows: which queries it watches, who it is, and as of when its results are. Each transition leads from one
 * version to the next; clients refuse one that begins elsewhere.
 *
 * @param querySet  counted by the client; 0 at first
 * @param identity  counted by the client; 0 at first
 * @param timestamp nanoseconds since 1970; 0 at first
 */
record StateVersion(long querySet, long identity, long timestamp) {

    static final StateVersion INITIAL = new StateVersion(0, 0, 0);
}
