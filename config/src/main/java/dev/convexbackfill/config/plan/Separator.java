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
package dev.convexbackfill.config.plan;

/** Where a text is cut. */
public sealed interface Separator {

    /** At runs of white space; white space at the ends is dropped. */
    record WhiteSpace() implements Separator {}

    /** At every occurrence of a text. */
    record Text(String text) implements Separator {}

    /**
     * At every match of a regular expression.
     *
     * @param regex in RE2's syntax, whose time is linear
     */
    record Pattern(String regex) implements Separator {}
}
