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

import dev.convexbackfill.client.admin.DeploymentAdmin;
import dev.convexbackfill.client.admin.IndexDefinition;
import dev.convexbackfill.client.admin.IndexStatus;
import dev.convexbackfill.client.admin.SchemaDefinition;
import dev.convexbackfill.client.admin.TableDefinition;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.IndexSlice;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out whether a deployment has the index that a plan selects by, and what is known of the order in it. */
final class SliceCheck {

    private final DeploymentAdmin admin;
    private final String table;
    private final IndexSlice slice;

    SliceCheck(DeploymentAdmin admin, String table, IndexSlice slice) {
        this.admin = admin;
        this.table = table;
        this.slice = slice;
    }

    /**
     * True if no document can move within the slice, however the app changes it: where all fields of the index are equal, the
     * order is that of creation. Throws {@link RefusedException} if the slice can't be read.
     */
    boolean requireUsable() {
        if (slice.index().equals(IndexSlice.BY_CREATION_TIME)) {
            return true;
        }
        IndexDefinition index = declared();
        if (index == null) {
            throw unusable();
        }
        List<String> fields = index.fields().stream().filter(field -> !field.equals(FieldName.CREATION_TIME)).toList();
        List<String> used = slice.fields().stream().map(FieldPath::toString).toList();
        if (used.size() > fields.size() || !used.equals(fields.subList(0, used.size()))) {
            throw new RefusedException(
                    ("The index '%s' of the table '%s' has the fields %s. 'where.equals' must name the first of them, in this"
                            + " order, and 'where.range' the next; the plan names %s.")
                            .formatted(index.name(), table, String.join(", ", fields), String.join(", ", used)));
        }
        return slice.equalities().size() == fields.size();
    }

    /** As the schema that is in force has it: exactly what that declares can be read. Null if it does not. */
    private @Nullable IndexDefinition declared() {
        SchemaDefinition active = admin.schema().active();
        TableDefinition declared = active == null ? null : active.tables().get(table);
        return declared == null ? null : declared.indexes().stream()
                .filter(index -> index.name().equals(slice.index()) && !index.staged()).findFirst().orElse(null);
    }

    private RefusedException unusable() {
        List<IndexStatus> indexes = admin.indexes().stream().filter(index -> index.table().equals(table)).toList();
        IndexStatus index = indexes.stream().filter(one -> one.name().equals(slice.index())).findFirst().orElse(null);
        if (index == null) {
            return new RefusedException(
                    "The table '%s' has no index '%s'. It has %s. Correct 'where.index' in the plan, or add the index to the"
                            .formatted(table, slice.index(), names(indexes)) + " schema of the app and deploy it.");
        }
        if (index.staged()) {
            return new RefusedException(
                    ("The index '%s' of the table '%s' is staged, and can't be used yet. Deploy it without"
                            + " 'staged'.").formatted(index.name(), table));
        }
        if (!index.built()) {
            return new RefusedException(
                    "The deployment is still building the index '%s' of the table '%s'. Try again when it is ready."
                            .formatted(index.name(), table));
        }
        // Convex calls it done, and yet refuses to read it
        return new RefusedException(
                ("The index '%s' of the table '%s' is built, but the schema that declares it is not active. Try again when its"
                        + " deployment has ended; if that has failed, deploy it again.")
                        .formatted(index.name(), table));
    }

    private static String names(List<IndexStatus> indexes) {
        return indexes.isEmpty() ? "none" : indexes.stream().map(IndexStatus::name).collect(Collectors.joining(", "));
    }
}
