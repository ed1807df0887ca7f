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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.store.ImportRefusedException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Rows that are the elements of one JSON array. */
final class JsonArrayRows implements RowReader {

    private final JsonParser parser;
    private long row;

    JsonArrayRows(byte[] json) {
        this.parser = ConvexJson.parser(json);
        if (nextToken() != JsonToken.START_ARRAY) {
            throw new ImportRefusedException("NotJsonArray", "Not a JSON array");
        }
    }

    @Override
    public @Nullable ConvexObject next() {
        if (nextToken() == JsonToken.END_ARRAY) {
            if (nextToken() != null) {
                throw notJson("something follows the array");
            }
            return null;
        }
        row++;
        try {
            return RowReader.row(row, () -> ConvexJson.readPlain(parser));
        } catch (JacksonException broken) {
            throw notJson(broken.getOriginalMessage());
        }
    }

    private @Nullable JsonToken nextToken() {
        try {
            return parser.nextToken();
        } catch (JacksonException broken) {
            throw notJson(broken.getOriginalMessage());
        }
    }

    private static ImportRefusedException notJson(String why) {
        return new ImportRefusedException("NotJson", "Not valid JSON: " + why);
    }

    @Override
    public void close() {
        parser.close();
    }
}
