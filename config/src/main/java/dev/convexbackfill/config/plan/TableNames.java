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
package dev.convexbackfill.config.plan;

import dev.convexbackfill.client.value.FieldName;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Names of tables that a plan may read or write. */
public final class TableNames {

    /** Tables of convex-backfill's own. */
    private static final List<String> OWN = List.of("backfillRuns", "backfillLedger");

    private TableNames() {}

    /** True for a table of the app: one that belongs neither to Convex nor to convex-backfill. */
    public static boolean isOfApp(String table) {
        return !table.startsWith("_") && !OWN.contains(table);
    }

    /** Null, with a problem, if it is none. */
    static @Nullable String read(YamlMapping of, @Nullable Node node, String key) {
        String table = of.text(node, key);
        if (table != null && (!FieldName.isIdentifier(table) || table.startsWith("_"))) {
            of.problem(key, "'%s' can't be the name of a table of an app".formatted(table));
            return null;
        }
        if (table != null && OWN.contains(table)) {
            of.problem(key, "'%s' belongs to convex-backfill itself".formatted(table));
            return null;
        }
        return table;
    }
}
