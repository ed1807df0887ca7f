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
package dev.convexbackfill.job.demo;

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.schema.Validator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Some 135,000 places of GeoNames with 1,000 inhabitants or more (CC BY 4.0), in the shape of an app that has grown: everything
 * is text. Names have apostrophes, commas and many scripts; populations may be 0.
 */
public final class Cities {

    /** The table that they are in. */
    public static final String TABLE = "cities";
    /** Counts a visit to a place: what the app does all the time. */
    public static final String VISIT = "cities:visit";

    private static final String FILE = "cities.tsv.gz";
    private static final int COLUMNS = 8;

    private Cities() {}

    /** The documents in their old shape; the caller closes the stream. */
    public static Stream<ConvexObject> oldDocuments() {
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(
                    new GZIPInputStream(requireNonNull(Cities.class.getResourceAsStream(FILE), FILE)),
                    StandardCharsets.UTF_8));
            return lines.lines().skip(1).map(Cities::oldDocument).onClose(() -> {
                try {
                    lines.close();
                } catch (IOException broken) {
                    throw new UncheckedIOException(broken);
                }
            });
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static ConvexObject oldDocument(String line) {
        String[] columns = line.split("\t", COLUMNS);
        return ConvexObject.builder()
                .put("geonameId", columns[0])
                .put("kind", columns[3])
                .put("label", columns[1] + ", " + columns[2])
                .put("loc", columns[6] + "," + columns[7])
                .put("population", columns[5])
                .put("region", columns[4])
                .build();
    }

    /** The functions of an app around the table. */
    public static List<FunctionDefinition> functions() {
        return List.of(
                FunctionDefinition.mutation(VISIT, Visibility.PUBLIC, Validator.object().field("id", Validator.STRING),
                        (db, args) -> {
                            ConvexObject city = requireNonNull(db.get(args.string("id")), "the city is gone");
                            double visits = city.get("visits") instanceof ConvexFloat64(double before) ? before : 0;
                            db.patch(args.string("id"), Map.of("visits", ConvexValue.number(visits + 1)));
                            return ConvexValue.number(visits + 1);
                        }));
    }
}
