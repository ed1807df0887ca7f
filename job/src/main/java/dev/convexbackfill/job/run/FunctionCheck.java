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
package dev.convexbackfill.job.run;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.config.plan.Source;
import dev.convexbackfill.readerswriters.selection.FunctionPages;
import dev.convexbackfill.readerswriters.selection.InvalidSourceException;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out whether a deployment has the functions of the app's own that a plan calls. */
final class FunctionCheck {

    private static final String MUTATION = "Mutation";
    /** Enough to see the form of what a query returns. */
    private static final int DOCUMENTS = 5;

    private final ConvexClient client;
    private final DeploymentAdmin admin;
    private final CallOptions options;

    FunctionCheck(ConvexClient client, DeploymentAdmin admin, CallOptions options) {
        this.client = client;
        this.admin = admin;
        this.options = options;
    }

    /**
     * Does not call it. Returns false if the deployment does not say which functions it has; throws {@link RefusedException} if
     * this one is not among them.
     */
    boolean requireMutation(FunctionPath mutation) {
        Map<FunctionPath, String> functions;
        try {
            functions = admin.functionTypes();
        } catch (ConvexException silent) {
            return false;
        }
        @Nullable
        String type = functions.get(mutation);
        if (type == null) {
            throw new RefusedException(
                    "The deployment %s has no function '%s'. It has the mutations %s. Correct 'sink.mutation' in the plan, or deploy it."
                            .formatted(client.url(), mutation, functions.entrySet().stream()
                                    .filter(function -> function.getValue().equals(MUTATION)
                                            && !function.getKey().value().startsWith("backfill:"))
                                    .map(function -> function.getKey().value()).sorted()
                                    .collect(Collectors.joining(", "))));
        }
        if (!type.equals(MUTATION)) {
            throw new RefusedException(
                    "'%s' of the deployment %s is of the type %s, and 'sink.mutation' must be a mutation."
                            .formatted(mutation, client.url(), type));
        }
        return true;
    }

    /** Calls it once, for a small page. Throws {@link RefusedException} if it fails or its answer can't be used. */
    void requireUsable(Source source, String table, long tableNumber) {
        try {
            new FunctionPages(client, source, table, tableNumber).read(null, DOCUMENTS, options);
        } catch (InvalidSourceException invalid) {
            throw new RefusedException(String.valueOf(invalid.getMessage()), invalid);
        } catch (ConvexException failure) {
            if (failure.category() == FailureCategory.FUNCTION_NOT_FOUND) {
                throw new RefusedException(
                        "The deployment %s has no query '%s' (%s). Correct 'source.query' in the plan, or deploy it."
                                .formatted(client.url(), source.query(), failure.getMessage()),
                        failure);
            }
            throw new RefusedException(
                    "The query '%s' can't be used as a source: %s. Correct 'source' in the plan, or the query."
                            .formatted(source.query(), failure.getMessage()),
                    failure);
        }
    }
}
