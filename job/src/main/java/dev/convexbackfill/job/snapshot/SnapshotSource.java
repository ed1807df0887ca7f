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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.job.point.DeploymentPoint;
import dev.convexbackfill.job.point.PointReader;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.partitioner.ledger.Ledger;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A deployment whose tables are read.
 *
 * @param options   of all calls; their stop signal ends the work
 * @param functions the module that {@code backfill.ts} is installed as; only scans need it
 * @param mayStream false to scan even where streaming export is allowed
 */
public record SnapshotSource(ConvexClient client, CallOptions options, String functions, boolean mayStream) {

    /** Tables of convex-backfill itself: an older ledger in the place of a newer one would be wrong. */
    private static final Set<String> OWN = Set.of("backfillRuns", "backfillLedger");

    DeploymentAdmin admin() {
        return new DeploymentAdmin(client, options);
    }

    /** What the deployment is now. Throws {@link RefusedException} if it does not take the key or does not answer. */
    DeploymentPoint point(Predicate<String> tables) {
        try {
            admin().requireValidKey();
        } catch (ConvexException failure) {
            throw refusal(failure);
        }
        return new PointReader(client, options, Clock.systemUTC()).read(tables);
    }

    private RuntimeException refusal(ConvexException failure) {
        return switch (failure.category()) {
            case UNAUTHORIZED -> new RefusedException(
                    ("The deployment %s does not take the deploy key (%s). Set CONVEX_DEPLOY_KEY to a key of this deployment;"
                            + " its dashboard makes one under Settings.").formatted(client.url(), failure.code()),
                    failure);
            case ABANDONED -> failure;
            default -> new RefusedException(
                    "The deployment %s can't be used: %s".formatted(client.url(), failure.getMessage()), failure);
        };
    }

    /** The tables of the app, without those of convex-backfill itself. */
    static List<String> appTables(DeploymentPoint point) {
        return point.tables().stream().map(DeploymentPoint.Table::name).filter(name -> !OWN.contains(name)).toList();
    }

    /** Throws {@link RefusedException} for a table that can't be in a snapshot. */
    static void requireTables(Collection<String> wanted, DeploymentPoint point) {
        for (String table : wanted) {
            if (table.startsWith("_")) {
                throw new RefusedException(
                        "'%s' is a table of Convex's own system, and a snapshot has tables of the app; files are exported by: npx convex export --include-file-storage"
                                .formatted(table));
            }
            if (OWN.contains(table)) {
                throw new RefusedException("'%s' belongs to convex-backfill itself".formatted(table));
            }
            if (!FieldName.isIdentifier(table) || point.table(table).isEmpty()) {
                throw new RefusedException("The deployment has no table '%s'. It has %s.".formatted(table,
                        appTables(point).isEmpty() ? "none" : String.join(", ", appTables(point))));
            }
        }
    }

    /** The tables as they are now. Throws {@link RefusedException} if neither streaming export nor a scan is possible. */
    LiveTables now(String table) {
        LiveTables tables = LiveTables.now(client, options, functions, table, mayStream);
        if (tables.timestamp() == null) {
            requireFunctions(tables);
        }
        return tables;
    }

    private void requireFunctions(LiveTables tables) {
        try {
            new Ledger(client, options, functions).protocol();
        } catch (ConvexException failure) {
            if (failure.category() == FailureCategory.ABANDONED) {
                throw failure;
            }
            throw new RefusedException(
                    ("The deployment %s allows no streaming export (%s), and the functions that a scan needs are not installed as"
                            + " '%s' (%s). Run `./backfill init DIR` with the folder of your app, then `npx convex deploy` there.")
                            .formatted(client.url(), tables.whyScanned(), functions, failure.getMessage()),
                    failure);
        }
    }
}
