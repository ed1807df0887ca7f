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

import dev.convexbackfill.client.value.ExportJson;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The rollback points at which runs began. Each method is one short transaction. Thread-safe. */
public final class PointStore {

    private static final int MAX_PROBLEM = 1000;

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;

    public PointStore(JdbcClient jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /**
     * How a run began.
     *
     * @param point   null if it could not be taken
     * @param problem why; null if it was taken
     */
    public record Beginning(@Nullable DeploymentPoint point, @Nullable String problem) {}

    /** Empty for a run that has not begun, or that writes nothing. */
    public Optional<Beginning> find(String run) {
        return transactions
                .execute(_ -> jdbc.sql("select point, problem from backfill_rollback_point where run_name = :run")
                        .param("run", run).query((row, _) -> {
                            String point = row.getString("point");
                            return new Beginning(
                                    point == null ? null
                                            : DeploymentPoint.fromJson(point.getBytes(StandardCharsets.UTF_8)),
                                    row.getString("problem"));
                        }).optional());
    }

    /** Keeps how a run began, unless that is known. */
    public void create(String run, Beginning beginning) {
        DeploymentPoint point = beginning.point();
        String problem = beginning.problem();
        try {
            transactions.executeWithoutResult(_ -> jdbc.sql("""
                    insert into backfill_rollback_point (run_name, point, problem) values (:run, :point, :problem)""")
                    .param("run", run)
                    .param("point",
                            point == null ? null
                                    : new String(ExportJson.encode(point.toObject()), StandardCharsets.UTF_8))
                    .param("problem",
                            problem == null ? null : problem.substring(0, Math.min(problem.length(), MAX_PROBLEM)))
                    .update());
        } catch (DuplicateKeyException _) {
            // another process has begun it at the same time
        }
    }
}
