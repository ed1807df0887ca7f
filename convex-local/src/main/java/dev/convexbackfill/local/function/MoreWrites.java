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

import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.FunctionRunner.Completed;
import dev.convexbackfill.local.store.DocumentTransaction;
import org.jspecify.annotations.Nullable;

/** What else is written in the transaction of a mutation. */
interface MoreWrites {

    MoreWrites NONE = new MoreWrites() {
        @Override
        public boolean before(DocumentTransaction transaction) {
            return true;
        }

        @Override
        public void after(DocumentTransaction transaction, ConvexValue value, LogLines lines) {
            // nothing more
        }
    };

    /** What the mutation returned when it was run before; null if it was not. */
    default @Nullable Completed earlier(DocumentTransaction transaction) {
        return null;
    }

    /** Returns false if the mutation must not run after all. */
    boolean before(DocumentTransaction transaction);

    /** Called before the commit of a mutation that succeeded, with what it returned. */
    void after(DocumentTransaction transaction, ConvexValue value, LogLines lines);

    /** Tells that a mutation was not to run after all. */
    final class NotRunException extends RuntimeException {}
}
