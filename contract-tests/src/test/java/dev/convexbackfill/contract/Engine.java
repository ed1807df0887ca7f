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
import java.net.URI;

/** Something that can run the functions of {@code convex/backfill.ts}, or their twins, behind the HTTP API of Convex. */
interface Engine {

    /** Which tests ask about. */
    String name();

    /** Starts a deployment with the functions and with those of {@code convex/test/app}. */
    Served serve(Limits limits, DeployKey key, NodeProject functions);

    /** What one transaction may do. */
    enum Limits {

        /** As much as in Convex. */
        USUAL("usual"),
        /** Four writes, and apart from that as much as in Convex. */
        FOUR_WRITES("four writes");

        private final String text;

        Limits(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** A deployment; closing it ends it. */
    interface Served extends AutoCloseable {

        URI url();

        @Override
        void close();
    }
}
