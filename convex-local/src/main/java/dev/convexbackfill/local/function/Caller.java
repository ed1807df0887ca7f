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

import dev.convexbackfill.client.value.ConvexObject;
import org.jspecify.annotations.Nullable;

/**
 * Who calls a function.
 *
 * @param isAdmin true if it has the deployment's key, and may call internal functions and the system's
 * @param user    the attributes of the user that it is or acts as; null for none
 */
public record Caller(boolean isAdmin, @Nullable ConvexObject user) {

    public static final Caller ADMIN = new Caller(true, null);
    public static final Caller ANONYMOUS = new Caller(false, null);

    boolean mayCall(FunctionDefinition function) {
        return switch (function.visibility()) {
            case PUBLIC -> true;
            case INTERNAL -> isAdmin;
            case SYSTEM -> isAdmin && user == null;
        };
    }
}
