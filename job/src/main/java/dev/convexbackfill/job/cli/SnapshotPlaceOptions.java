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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.snapshot.Manifest;
import dev.convexbackfill.job.snapshot.SnapshotName;
import dev.convexbackfill.job.snapshot.SnapshotPlace;
import dev.convexbackfill.job.snapshot.SnapshotPlaces;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where snapshots are kept. Credentials of a store come from the environment, where nobody else sees them. */
final class SnapshotPlaceOptions {

    @Option(names = "--out", paramLabel = "PLACE", defaultValue = ".backfill/snapshots", description = "Where snapshots are kept: a folder, or s3://bucket/prefix. Default: ${DEFAULT-VALUE}.")
    private String out = ".backfill/snapshots";

    @Option(names = "--s3-endpoint", paramLabel = "URL", description = "A store that is not Amazon's. Default: $AWS_ENDPOINT_URL_S3 or $AWS_ENDPOINT_URL. Credentials are those of the environment, a profile, or the machine.")
    private @Nullable String endpoint;

    @Option(names = "--s3-region", paramLabel = "REGION", description = "Default: $AWS_REGION, or that of the profile.")
    private @Nullable String region;

    @Option(names = "--s3-path-style", description = "Name the bucket in the path and not in the host, as most stores but Amazon's want it.")
    private boolean pathStyle;

    SnapshotPlace open() {
        return SnapshotPlaces.open(out, new SnapshotPlaces.StoreAccess(endpoint, region, pathStyle));
    }

    /** Throws {@link RefusedException} if it is not there. */
    static Manifest require(SnapshotPlace place, String name) {
        Manifest manifest = place.find(SnapshotName.require(name));
        if (manifest == null) {
            List<String> names = place.names();
            throw new RefusedException("There is no snapshot '%s' in %s. It has %s.".formatted(name, place.describe(),
                    names.isEmpty() ? "none" : String.join(", ", names)));
        }
        return manifest;
    }

    /** For a command to type next. */
    String text() {
        return (out.equals(".backfill/snapshots") ? "" : " --out " + out)
                + (endpoint == null ? "" : " --s3-endpoint " + endpoint)
                + (region == null ? "" : " --s3-region " + region)
                + (pathStyle ? " --s3-path-style" : "");
    }
}
