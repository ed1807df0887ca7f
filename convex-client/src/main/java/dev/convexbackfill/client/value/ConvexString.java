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
package dev.convexbackfill.client.value;

/** A string of valid Unicode, not normalised. */
public record ConvexString(String value) implements ConvexValue {

    /** Throws {@link InvalidValueException} if {@code value} holds a lone surrogate. */
    public ConvexString {
        for (int i = 0; i < value.length(); i++) {
            if (Character.isSurrogate(value.charAt(i))) {
                requireWellFormed(value);
                break;
            }
        }
    }

    private static void requireWellFormed(String value) {
        for (int i = 0; i < value.length(); i++) {
            char unit = value.charAt(i);
            if (Character.isHighSurrogate(unit) && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(unit)) {
                throw new InvalidValueException(
                        "The string has a lone surrogate at index %d, which is not valid Unicode".formatted(i));
            }
        }
    }

    @Override
    public String toString() {
        return '"' + value + '"';
    }
}
