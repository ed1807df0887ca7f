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

import dev.convexbackfill.local.store.DocumentTransaction;
import java.util.Map;

/** The tables that belong to the deployment itself. Their numbers lie below those of apps' tables. */
final class SystemTables {

    static final String SCHEDULED_FUNCTIONS = "_scheduled_functions";
    static final String ENVIRONMENT_VARIABLES = "_environment_variables";
    static final String SESSION_REQUESTS = "_session_requests";

    private SystemTables() {}

    static void ensureScheduledFunctions(DocumentTransaction transaction) {
        transaction.ensureSystemTable(SCHEDULED_FUNCTIONS, 201, ScheduledCall.INDEXES);
    }

    static void ensureEnvironmentVariables(DocumentTransaction transaction) {
        transaction.ensureSystemTable(ENVIRONMENT_VARIABLES, 202, Map.of());
    }

    static void ensureSessionRequests(DocumentTransaction transaction) {
        transaction.ensureSystemTable(SESSION_REQUESTS, 203, SessionRequests.INDEXES);
    }
}
