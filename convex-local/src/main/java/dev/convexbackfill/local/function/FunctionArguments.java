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
package dev.convexbackfill.local.function;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;

/** The arguments of a call as clients send them. */
public final class FunctionArguments {

    private FunctionArguments() {}

    /** The named arguments: an object, or an array of one. Throws {@link FunctionFailedException} for anything else. */
    public static ConvexObject named(ConvexValue sent) {
        ConvexValue named = sent instanceof ConvexArray array && array.size() == 1 ? array.get(0) : sent;
        if (named instanceof ConvexObject object) {
            return object;
        }
        throw new FunctionFailedException("Invalid arguments: expected one object of named arguments");
    }
}
