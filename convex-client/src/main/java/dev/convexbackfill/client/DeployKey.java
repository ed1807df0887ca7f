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
package dev.convexbackfill.client;

/**
 * A deploy key or admin key, sent whole and never shown: its text form hides it.
 *
 * @param value the key as Convex gave it out, such as {@code prod:name|…}
 */
public record DeployKey(String value) {

    /** Throws {@link IllegalArgumentException}, without the key in it, for a key that no header can carry. */
    public DeployKey {
        value = value.strip();
        if (value.isEmpty()) {
            throw new IllegalArgumentException("The deploy key is empty");
        }
        if (!value.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw new IllegalArgumentException("The deploy key has white space or other characters that no key has");
        }
    }

    @Override
    public String toString() {
        return "DeployKey[hidden]";
    }
}
