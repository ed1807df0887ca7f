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

import dev.convexbackfill.client.admin.IndexStatus;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ExportJson;
import dev.convexbackfill.client.value.InvalidValueException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a deployment was at one time.
 *
 * @param takenAt      by this machine's clock
 * @param timestamp    by the deployment's, in nanoseconds since 1970; null if it did not say
 * @param instanceName the deployment's name
 * @param version      of its server
 * @param schema       the active schema, as the JSON that the deployment keeps of it; null if it has none
 * @param indexes      its database indexes, in the order of tables and names
 * @param tables       in the order of names; those that were asked for
 * @param leftOut      what the deployment did not tell, in words
 */
public record DeploymentPoint(Instant takenAt, @Nullable Long timestamp, String instanceName, String version,
        @Nullable String schema, List<IndexStatus> indexes, List<Table> tables, List<String> leftOut) {

    public DeploymentPoint {
        indexes = List.copyOf(indexes);
        tables = List.copyOf(tables);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * A table.
     *
     * @param number    a part of its documents' ids
     * @param documents how many it has, as the deployment keeps count; null if it did not say
     */
    public record Table(String name, long number, @Nullable Long documents) {}

    public Optional<Table> table(String name) {
        return tables.stream().filter(table -> table.name().equals(name)).findFirst();
    }

    /** Exact; {@link #fromJson} reads it again. */
    public ConvexObject toObject() {
        return ConvexObject.builder()
                .put("takenAt", takenAt.toString())
                .put("timestamp", timestamp == null ? ConvexNull.NULL : ConvexValue.int64(timestamp))
                .put("instanceName", instanceName)
                .put("version", version)
                .putNullable("schema", schema)
                .put("indexes", ConvexValue.array(indexes.stream().map(DeploymentPoint::toObject).toList()))
                .put("tables", ConvexValue.array(tables.stream().map(DeploymentPoint::toObject).toList()))
                .put("leftOut", strings(leftOut))
                .build();
    }

    private static ConvexValue toObject(IndexStatus index) {
        return ConvexObject.builder().put("table", index.table()).put("name", index.name())
                .put("fields", strings(index.fields())).put("built", index.built()).put("staged", index.staged())
                .build();
    }

    private static ConvexValue toObject(Table table) {
        return ConvexObject.builder().put("name", table.name()).put("number", ConvexValue.int64(table.number()))
                .put("documents", table.documents() == null ? ConvexNull.NULL : ConvexValue.int64(table.documents()))
                .build();
    }

    private static ConvexValue strings(List<String> texts) {
        return ConvexValue.array(texts.stream().map(ConvexValue::of).toList());
    }

    /** Throws {@link InvalidValueException} for what {@link #toObject} does not write. */
    public static DeploymentPoint fromObject(ConvexObject point) {
        try {
            List<IndexStatus> indexes = new ArrayList<>();
            for (ConvexValue element : point.array("indexes")) {
                ConvexObject index = (ConvexObject) element;
                indexes.add(new IndexStatus(index.string("table"), index.string("name"), strings(index.array("fields")),
                        index.bool("built"), index.bool("staged")));
            }
            List<Table> tables = new ArrayList<>();
            for (ConvexValue element : point.array("tables")) {
                ConvexObject table = (ConvexObject) element;
                tables.add(new Table(table.string("name"), ((ConvexInt64) table.require("number")).value(),
                        int64OrNull(table.require("documents"))));
            }
            return new DeploymentPoint(Instant.parse(point.string("takenAt")),
                    int64OrNull(point.require("timestamp")), point.string("instanceName"), point.string("version"),
                    point.get("schema") instanceof ConvexString(String schema) ? schema : null, indexes, tables,
                    strings(point.array("leftOut")));
        } catch (ClassCastException | DateTimeException unexpected) {
            throw new InvalidValueException("It is no rollback point of this version: " + unexpected.getMessage());
        }
    }

    /** As {@link #fromObject}, from what {@link ExportJson} has written. */
    public static DeploymentPoint fromJson(byte[] json) {
        return fromObject(ExportJson.decodeObject(json));
    }

    private static @Nullable Long int64OrNull(ConvexValue value) {
        return value == ConvexNull.NULL ? null : ((ConvexInt64) value).value();
    }

    private static List<String> strings(ConvexArray array) {
        return array.values().stream().map(element -> ((ConvexString) element).value()).toList();
    }
}
