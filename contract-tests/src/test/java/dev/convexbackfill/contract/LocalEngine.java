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
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.testsupport.NodeProject;
import java.net.URI;
import java.util.function.UnaryOperator;

/**
 * A local deployment.
 *
 * @param install puts the functions into it
 * @param schema  as the Convex library exports it
 */
record LocalEngine(String name, UnaryOperator<LocalDeployment.Builder> install, String schema) implements Engine {

    private static final TransactionLimits FOUR_WRITES = new TransactionLimits(32_000, 16L << 20, 4096, 4, 16L << 20);

    static TransactionLimits limits(Limits limits) {
        return limits == Limits.USUAL ? TransactionLimits.CONVEX : FOUR_WRITES;
    }

    @Override
    public Served serve(Limits limits, DeployKey key, NodeProject functions) {
        LocalDeployment deployment = install.apply(LocalDeployment.builder())
                .adminKey(key)
                .limits(limits(limits))
                .start();
        deployment.pushSchema(schema);
        return new Served() {
            @Override
            public URI url() {
                return deployment.url();
            }

            @Override
            public void close() {
                deployment.close();
            }
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
