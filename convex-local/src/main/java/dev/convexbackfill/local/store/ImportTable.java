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
package dev.convexbackfill.local.store;

/** Where an import puts documents: a table that nobody sees until it is shown, or, to append, a table of the app. */
public final class ImportTable {

    private final TableRow row;
    private final boolean isHidden;

    ImportTable(TableRow row, boolean isHidden) {
        this.row = row;
        this.isHidden = isHidden;
    }

    TableRow row() {
        return row;
    }

    /** The name that it has or will have. */
    public String name() {
        return row.name();
    }

    /** The number that it has or will have, which is part of its documents' ids. */
    public long number() {
        return row.number();
    }

    /** Tells tables apart that have the same name. */
    public int tablet() {
        return row.tablet();
    }

    public boolean isHidden() {
        return isHidden;
    }
}
