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

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens places by what people call them. */
public final class SnapshotPlaces {

    private static final String S3 = "s3://";

    private SnapshotPlaces() {}

    /**
     * How to reach a store that is not Amazon's.
     *
     * @param endpoint  its URL; null for what the environment says, and Amazon's
     * @param region    null for what the environment says
     * @param pathStyle true to name the bucket in the path, as most other stores want it, and not in the host
     */
    public record StoreAccess(@Nullable String endpoint, @Nullable String region, boolean pathStyle) {}

    /** A folder, or {@code s3://bucket/prefix}. Throws {@link dev.convexbackfill.job.run.RefusedException} for what can't be either. */
    public static SnapshotPlace open(String place, StoreAccess access) {
        return place.startsWith(S3) ? S3Place.open(place.substring(S3.length()), access)
                : new FolderPlace(Path.of(place));
    }
}
