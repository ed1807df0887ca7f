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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.job.point.DeploymentPoint;
import dev.convexbackfill.job.point.DeploymentPoint.Table;
import dev.convexbackfill.job.point.PointStore.Beginning;
import dev.convexbackfill.job.progress.ProgressText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says how a run began. */
final class BeginningText {

    private BeginningText() {}

    static String line(Beginning beginning) {
        DeploymentPoint point = beginning.point();
        if (point == null) {
            return "rollback point: none, the deployment did not tell: " + beginning.problem();
        }
        String counts = point.tables().stream()
                .map(table -> "'%s' with %s documents".formatted(table.name(),
                        table.documents() == null ? "an unknown number of" : ProgressText.number(table.documents())))
                .collect(Collectors.joining(", "));
        return "rollback point: %s, %s; %s, %d indexes".formatted(point.takenAt(), counts,
                point.schema() == null ? "no schema" : "a schema", point.indexes().size());
    }

    static Map<String, @Nullable Object> toMap(Beginning beginning) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        DeploymentPoint point = beginning.point();
        if (point == null) {
            map.put("problem", beginning.problem());
            return map;
        }
        return toMap(point);
    }

    /** Times of the deployment are strings: they are longer than the numbers of many who read JSON. */
    static Map<String, @Nullable Object> toMap(DeploymentPoint point) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("takenAt", point.takenAt().toString());
        map.put("timestamp", point.timestamp() == null ? null : point.timestamp().toString());
        map.put("instanceName", point.instanceName());
        map.put("version", point.version());
        map.put("schema", schema(point));
        List<Map<String, @Nullable Object>> indexes = new ArrayList<>();
        point.indexes().forEach(index -> {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("table", index.table());
            one.put("name", index.name());
            one.put("fields", index.fields());
            one.put("built", index.built());
            one.put("staged", index.staged());
            indexes.add(one);
        });
        map.put("indexes", indexes);
        List<Map<String, @Nullable Object>> tables = new ArrayList<>();
        for (Table table : point.tables()) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("name", table.name());
            one.put("number", table.number());
            one.put("documents", table.documents());
            tables.add(one);
        }
        map.put("tables", tables);
        map.put("leftOut", point.leftOut());
        return map;
    }

    private static @Nullable ConvexObject schema(DeploymentPoint point) {
        String json = point.schema();
        return json == null ? null : ConvexJson.decodeObject(json.getBytes(StandardCharsets.UTF_8));
    }
}
