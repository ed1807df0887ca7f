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
package dev.convexbackfill.readerswriters.writer;

/** What a function of the app's own has said to a call. */
sealed interface CallAnswer {

    /** It has returned. */
    record Taken() implements CallAnswer {}

    /** It has said that a document is not the one that was read any more, and has written nothing. */
    record Conflicted() implements CallAnswer {}

    /** It has failed, and has written nothing. */
    record Refused(String message) implements CallAnswer {}

    /** It was too much for one transaction, and nothing was written. */
    record TooLarge(String message) implements CallAnswer {}
}
