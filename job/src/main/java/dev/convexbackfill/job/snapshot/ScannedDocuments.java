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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.readerswriters.reader.DocumentPages;
import dev.convexbackfill.readerswriters.reader.PageSource.Page;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The documents of a table, each page as of the time when it is read. */
final class ScannedDocuments implements Documents {

    private final DocumentPages pages;
    private final CallOptions options;
    private Iterator<ConvexObject> rest = List.<ConvexObject>of().iterator();
    private @Nullable String position;
    private boolean isLast;

    ScannedDocuments(DocumentPages pages, CallOptions options) {
        this.pages = pages;
        this.options = options;
    }

    @Override
    public @Nullable ConvexObject next() {
        while (!rest.hasNext()) {
            if (isLast) {
                return null;
            }
            Page page = pages.read(position, null, options);
            position = page.end() == null ? position : page.end();
            isLast = page.isLast();
            rest = page.documents().iterator();
        }
        return rest.next();
    }
}
