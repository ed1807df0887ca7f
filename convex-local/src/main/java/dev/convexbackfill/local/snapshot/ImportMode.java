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

/** What an import does to what is there. */
public enum ImportMode {

    /** Refuses a table that has documents. */
    REQUIRE_EMPTY("requireEmpty", "RequireEmpty"),
    /** Adds documents. The only mode that is not atomic. */
    APPEND("append", "Append"),
    /** Replaces the tables of the file. */
    REPLACE("replace", "Replace"),
    /** Replaces the tables of the file and takes away all others. */
    REPLACE_ALL("replaceAll", "ReplaceAll");

    private final String argument;
    private final String stored;

    ImportMode(String argument, String stored) {
        this.argument = argument;
        this.stored = stored;
    }

    /** As the arguments of requests name it. Refuses others. */
    public static ImportMode parse(String argument) {
        for (ImportMode mode : values()) {
            if (mode.argument.equals(argument)) {
                return mode;
            }
        }
        throw new ImportRefusedException("BadImportMode",
                "unknown mode '%s', expected one of `requireEmpty`, `append`, `replace`, `replaceAll`"
                        .formatted(argument));
    }

    /** As rows of imports name it. */
    String stored() {
        return stored;
    }

    static ImportMode ofStored(String stored) {
        for (ImportMode mode : values()) {
            if (mode.stored.equals(stored)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("'%s' is no mode of an import".formatted(stored));
    }

    boolean replaces() {
        return this == REPLACE || this == REPLACE_ALL;
    }
}
