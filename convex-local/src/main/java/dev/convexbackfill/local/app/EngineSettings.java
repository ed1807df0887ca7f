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
package dev.convexbackfill.local.app;

import java.time.Duration;
import java.util.Map;

/**
 * What bounds the functions of an app.
 *
 * @param functionTime    how long a query or a mutation may compute; what it waits for the database does not count
 * @param actionTime      the same of an action
 * @param functionMemory  how many bytes one call may allocate in all, most of which is garbage soon
 * @param environment     of the deployment, for modules that read it while they are loaded; functions see what is set when
 *                        they run
 */
public record EngineSettings(Duration functionTime, Duration actionTime, long functionMemory,
        Map<String, String> environment) {

    /** Generous, since JavaScript is interpreted; Convex allows a second and 64 MiB. */
    public static final EngineSettings DEFAULT = new EngineSettings(Duration.ofSeconds(30), Duration.ofMinutes(10),
            32L << 30, Map.of());

    public EngineSettings {
        environment = Map.copyOf(environment);
    }

    public EngineSettings withFunctionTime(Duration time) {
        return new EngineSettings(time, actionTime, functionMemory, environment);
    }

    public EngineSettings withFunctionMemory(long bytes) {
        return new EngineSettings(functionTime, actionTime, bytes, environment);
    }

    public EngineSettings withEnvironment(Map<String, String> variables) {
        return new EngineSettings(functionTime, actionTime, functionMemory, variables);
    }
}
