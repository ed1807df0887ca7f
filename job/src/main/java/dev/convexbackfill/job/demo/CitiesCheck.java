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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the cities straight from the deployment, without anything that a run uses, and looks at every one. */
public final class CitiesCheck {

    private static final Set<String> NEW_FIELDS = Set.of("_id", "_creationTime", "geonameId", "name", "country",
            "population",
            "latitude", "longitude", "featureCode", "adminCode", "visits");

    private CitiesCheck() {}

    /**
     * What was found.
     *
     * @param visits all visits that the documents have
     */
    public record Found(long documents, long inNewShape, long visits) {}

    public static Found look(LocalDeployment deployment) {
        long[] found = new long[3];
        deployment.forEach(Cities.TABLE, document -> {
            found[0]++;
            found[1] += Set.copyOf(document.names()).equals(NEW_FIELDS) ? 1 : 0;
            found[2] += document.has("visits") ? (long) document.number("visits") : 0;
        });
        return new Found(found[0], found[1], found[2]);
    }

    /** The ids of all cities. */
    public static List<String> ids(LocalDeployment deployment) {
        List<String> ids = new ArrayList<>();
        deployment.forEach(Cities.TABLE, document -> ids.add(document.string("_id")));
        return ids;
    }

    /** One city by its GeoNames number, in either shape; null if there is none. */
    public static @Nullable ConvexObject city(LocalDeployment deployment, String geonameId) {
        List<ConvexObject> found = new ArrayList<>();
        deployment.forEach(Cities.TABLE, document -> {
            ConvexValue id = document.require("geonameId");
            if (id.equals(ConvexValue.of(geonameId)) || id.equals(ConvexValue.int64(Long.parseLong(geonameId)))) {
                found.add(document);
            }
        });
        return found.isEmpty() ? null : found.getFirst();
    }
}
