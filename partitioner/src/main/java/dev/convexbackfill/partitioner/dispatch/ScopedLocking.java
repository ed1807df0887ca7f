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
package dev.convexbackfill.partitioner.dispatch;

import com.github.kagkarlsson.scheduler.jdbc.DefaultJdbcCustomization;

/**
 * Picks due tasks of a scope with {@code for update skip locked}, which PostgreSQL and H2 both know, so that processes
 * neither wait for each other nor take the same task.
 */
final class ScopedLocking extends DefaultJdbcCustomization {

    private final TaskScope scope;

    ScopedLocking(TaskScope scope) {
        super(false);
        this.scope = scope;
    }

    @Override
    public String getName() {
        return "convex-backfill";
    }

    @Override
    public boolean supportsGenericLockAndFetch() {
        return true;
    }

    @Override
    public String createGenericSelectForUpdateQuery(String tableName, int limit, String requiredAndCondition,
            boolean orderByPriority) {
        return "select * from " + tableName + " where picked = ? and execution_time <= ? " + requiredAndCondition
                + " and "
                + scope.condition() + " order by " + (orderByPriority ? "priority desc, " : "") + "execution_time asc"
                + getQueryLimitPart(limit) + " for update skip locked";
    }
}
