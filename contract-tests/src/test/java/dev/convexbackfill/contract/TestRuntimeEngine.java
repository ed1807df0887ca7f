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
package dev.convexbackfill.contract;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.testsupport.NodeProject;
import dev.convexbackfill.testsupport.TestRuntime;
import java.net.URI;

/** Convex's own test runtime, in Node. */
record TestRuntimeEngine() implements Engine {

    @Override
    public String name() {
        return "convex-test";
    }

    @Override
    public Served serve(Limits limits, DeployKey key, NodeProject functions) {
        TestRuntime runtime = TestRuntime.serve(functions, key.value(), limits.toString());
        return new Served() {
            @Override
            public URI url() {
                return runtime.url();
            }

            @Override
            public void close() {
                runtime.close();
            }
        };
    }

    @Override
    public String toString() {
        return name();
    }
}
