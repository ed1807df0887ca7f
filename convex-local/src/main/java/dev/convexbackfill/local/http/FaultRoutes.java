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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.faults.FaultInjector;
import dev.convexbackfill.local.faults.Faults;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Shows and sets what goes wrong. Convex has no such thing. */
final class FaultRoutes implements Routes {

    private final FaultInjector faults;

    FaultRoutes(FaultInjector faults) {
        this.faults = faults;
    }

    @Override
    public @Nullable Answer answer(ApiRequest request) throws IOException {
        switch (request.route()) {
            case "GET /local/faults" -> request.requireAdmin();
            case "PUT /local/faults" -> {
                request.requireAdmin();
                try {
                    faults.set(Faults.fromJson(request.jsonObject()));
                } catch (InvalidValueException invalid) {
                    throw RequestRefusedException.badBody(String.valueOf(invalid.getMessage()));
                }
            }
            default -> {
                return null;
            }
        }
        return Answer.json(ConvexJson.encode(faults.get().toJson()));
    }
}
