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
package dev.convexbackfill.local.store;

import java.util.function.Function;

/** Runs a piece of the deployment's own work in a transaction, again and again until nobody was in its way. */
final class Retries {

    private Retries() {}

    /** Commits what {@code work} has written and returns what it has returned. */
    static <T> T commit(Store store, Function<Transaction, T> work) {
        while (true) {
            Transaction transaction = store.begin();
            try {
                T result = work.apply(transaction);
                store.commit(transaction);
                return result;
            } catch (ConflictException _) {
                // somebody changed what this was about: look again
            } finally {
                store.end(transaction);
            }
        }
    }
}
