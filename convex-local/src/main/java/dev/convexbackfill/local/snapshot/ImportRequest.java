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
package dev.convexbackfill.local.snapshot;

import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.local.store.ImportRefusedException;
import org.jspecify.annotations.Nullable;

/**
 * What to import and how. Refuses a name that no table can have ({@code ImportInvalidName}), and one that is missing or too
 * much ({@code InvalidName}).
 *
 * @param table null for a ZIP file, which names its tables itself
 */
public record ImportRequest(ImportFormat format, ImportMode mode, @Nullable String table) {

    public ImportRequest {
        if (table != null && !FieldName.isIdentifier(table)) {
            throw new ImportRefusedException("ImportInvalidName",
                    "invalid table name %s: it is no identifier".formatted(table));
        }
        if (format == ImportFormat.ZIP && table != null) {
            throw new ImportRefusedException("InvalidName", "ZIP import cannot have table name");
        }
        if (format != ImportFormat.ZIP && table == null) {
            throw new ImportRefusedException("InvalidName",
                    "%s import requires table name".formatted(format.display()));
        }
    }
}
