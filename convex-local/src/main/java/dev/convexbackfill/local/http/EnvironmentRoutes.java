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
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.FunctionRunner;
import dev.convexbackfill.local.function.RefusedVariableException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lists and sets environment variables. */
final class EnvironmentRoutes implements Routes {

    private final FunctionRunner runner;

    EnvironmentRoutes(FunctionRunner runner) {
        this.runner = runner;
    }

    @Override
    public @Nullable Answer answer(ApiRequest request) throws IOException {
        return switch (request.route()) {
            case "GET /api/list_environment_variables", "GET /api/v1/list_environment_variables" -> {
                request.requireAdmin();
                yield list();
            }
            case "POST /api/update_environment_variables", "POST /api/v1/update_environment_variables" -> {
                request.requireAdmin();
                update(request.jsonObject());
                yield Answer.empty();
            }
            default -> null;
        };
    }

    private Answer list() {
        ConvexObject.Builder variables = ConvexObject.builder();
        runner.environment().forEach(variables::put);
        return Answer.json(
                ConvexJson.encode(ConvexObject.of("environmentVariables", variables.build())));
    }

    private void update(ConvexObject body) {
        if (!(body.get("changes") instanceof ConvexArray changes)) {
            throw RequestRefusedException.badBody("missing field `changes`");
        }
        Map<String, @Nullable String> wanted = new LinkedHashMap<>();
        for (ConvexValue change : changes) {
            if (!(change instanceof ConvexObject object)
                    || !(object.get("name") instanceof ConvexString(String name))) {
                throw RequestRefusedException.badBody("missing field `name`");
            }
            wanted.put(name, value(object.get("value")));
        }
        try {
            runner.updateEnvironment(wanted);
        } catch (RefusedVariableException refused) {
            throw new RequestRefusedException(400, refused.code(), String.valueOf(refused.getMessage()));
        }
    }

    private static @Nullable String value(@Nullable ConvexValue value) {
        return switch (value) {
            case null -> null;
            case ConvexNull _ -> null;
            case ConvexString(String text) -> text;
            default -> throw RequestRefusedException.badBody("`value` is no string");
        };
    }
}
