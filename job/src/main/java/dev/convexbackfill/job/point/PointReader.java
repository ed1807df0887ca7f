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
package dev.convexbackfill.job.point;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.admin.IndexStatus;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.job.point.DeploymentPoint.Table;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks a deployment what it is, in a few small calls. Read-only. */
public final class PointReader {

    private final DeploymentAdmin admin;
    private final Clock clock;

    /** Makes its calls with {@code client}, which has a deploy key. */
    public PointReader(ConvexClient client, CallOptions options, Clock clock) {
        this.admin = new DeploymentAdmin(client, options);
        this.clock = clock;
    }

    /**
     * What the deployment is now, with the counts of the tables that {@code wanted} takes. Convex keeps count of each table, so a
     * count costs one small call; one that it does not give is left out. Throws {@link ConvexException} if the deployment does
     * not tell its name and its tables.
     */
    public DeploymentPoint read(Predicate<String> wanted) {
        List<String> leftOut = new ArrayList<>();
        Long timestamp = orLeftOut("its time", leftOut, admin::timestamp);
        Map<String, Long> numbers = admin.tableNumbers();
        String schema = orLeftOut("its schema", leftOut, admin::activeSchemaJson);
        List<IndexStatus> indexes = orLeftOut("its indexes", leftOut, admin::indexes);
        List<Table> tables = new ArrayList<>();
        numbers.forEach((name, number) -> {
            if (wanted.test(name) && !name.startsWith("_")) {
                tables.add(new Table(name, number,
                        orLeftOut("the count of '%s'".formatted(name), leftOut, () -> admin.tableSize(name))));
            }
        });
        return new DeploymentPoint(clock.instant(), timestamp, admin.instanceName(), admin.version(), schema,
                indexes == null ? List.of()
                        : indexes.stream().sorted(Comparator.comparing(IndexStatus::table)
                                .thenComparing(IndexStatus::name).thenComparing(IndexStatus::staged)).toList(),
                tables, leftOut);
    }

    private static <T> @Nullable T orLeftOut(String what, List<String> leftOut, Supplier<? extends @Nullable T> call) {
        try {
            return call.get();
        } catch (ConvexException failure) {
            if (failure.category() == FailureCategory.ABANDONED) {
                throw failure;
            }
            leftOut.add("%s: %s".formatted(what, failure.getMessage()));
            return null;
        }
    }
}
