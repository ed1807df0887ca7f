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
package dev.convexbackfill.local.http;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexBoolean;
import dev.convexbackfill.client.value.ConvexBytes;
import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ExportJson;
import java.util.Base64;
import tools.jackson.core.JsonGenerator;

/** The JSON forms in which Convex hands out values. Source: {@code crates/value/src/export.rs} of the Convex backend. */
enum ValueFormat {

    /** Readable, and lossy: int64, bytes and odd numbers become strings. */
    CLEAN,
    /** Exact. */
    ENCODED,
    /** Exact, with int64 as a number without a dot. */
    EXPORT;

    /** Refuses any other name. */
    static ValueFormat parse(String name) {
        return switch (name) {
            case "json", "convex_clean_json" -> CLEAN;
            case "convex_encoded_json", "convex_json" -> ENCODED;
            case "export_json" -> EXPORT;
            default -> throw new RequestRefusedException(400, "BadFormat", "Invalid format %s".formatted(name));
        };
    }

    void write(JsonGenerator json, ConvexValue value) {
        switch (this) {
            case CLEAN -> writeClean(json, value);
            case ENCODED -> ConvexJson.write(json, value);
            case EXPORT -> ExportJson.write(json, value);
        }
    }

    private static void writeClean(JsonGenerator json, ConvexValue value) {
        switch (value) {
            case ConvexInt64(long n) -> json.writeString(Long.toString(n));
            case ConvexFloat64(double n) when Double.isFinite(n) -> json.writeNumber(n);
            case ConvexFloat64(double n) -> json.writeString(Double.toString(n));
            case ConvexBytes bytes -> json
                    .writeString(Base64.getEncoder().encodeToString(bytes.toByteArray()));
            case ConvexArray array -> {
                json.writeStartArray();
                array.forEach(element -> writeClean(json, element));
                json.writeEndArray();
            }
            case ConvexObject object -> {
                json.writeStartObject();
                object.forEach((name, element) -> {
                    json.writeName(name);
                    writeClean(json, element);
                });
                json.writeEndObject();
            }
            case ConvexNull _,ConvexBoolean _,ConvexString _ -> ConvexJson.write(json, value);
        }
    }
}
