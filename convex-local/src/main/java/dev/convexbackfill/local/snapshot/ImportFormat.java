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

import dev.convexbackfill.local.store.ImportRefusedException;

/** What the file of an import is. */
public enum ImportFormat {

    /** A header and rows; cells that are numbers become float64, others strings. */
    CSV("csv", "csv", "CSV"),
    /** A document a line. */
    JSON_LINES("jsonLines", "jsonl", "JSONL"),
    /** One array of documents, of at most 16 MiB. */
    JSON_ARRAY("jsonArray", "json_array", "JSON"),
    /** Tables as an export has them. */
    ZIP("zip", "zip", "ZIP");

    private final String argument;
    private final String stored;
    private final String display;

    ImportFormat(String argument, String stored, String display) {
        this.argument = argument;
        this.stored = stored;
        this.display = display;
    }

    /** As the arguments of requests name it. Refuses others. */
    public static ImportFormat parse(String argument) {
        for (ImportFormat format : values()) {
            if (format.argument.equals(argument)) {
                return format;
            }
        }
        throw new ImportRefusedException("BadImportFormat",
                "unknown format '%s', expected one of `csv`, `jsonLines`, `jsonArray`, `zip`".formatted(argument));
    }

    /** As rows of imports name it. */
    String stored() {
        return stored;
    }

    static ImportFormat ofStored(String stored) {
        for (ImportFormat format : values()) {
            if (format.stored.equals(stored)) {
                return format;
            }
        }
        throw new IllegalArgumentException("'%s' is no format of an import".formatted(stored));
    }

    String display() {
        return display;
    }
}
