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
package dev.convexbackfill.testsupport;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** Convex's own test runtime in Node, which serves {@code convex/backfill.ts} and {@code convex/test/app} over HTTP. */
public final class TestRuntime implements AutoCloseable {

    private final JavaProcess process;
    private final URI url;

    private TestRuntime(JavaProcess process, URI url) {
        this.process = process;
        this.url = url;
    }

    /**
     * Serves the TypeScript as it is.
     *
     * @param functions the project in {@code convex}
     * @param key       of the admin
     * @param limits    what one transaction may do: {@code usual} or {@code four writes}
     */
    public static TestRuntime serve(NodeProject functions, String key, String limits) {
        return serve(functions, limits, Map.of("BACKFILL_TEST_KEY", key));
    }

    /** As {@link #serve(NodeProject, String, String)}, with the usual limits, and with {@code backfill.ts} from a bundle of it. */
    public static TestRuntime serveBundle(NodeProject functions, String key, Path bundle) {
        return serve(functions, "usual",
                Map.of("BACKFILL_TEST_KEY", key, "BACKFILL_TEST_BUNDLE", bundle.toString()));
    }

    private static TestRuntime serve(NodeProject functions, String limits, Map<String, String> environment) {
        JavaProcess process = functions.start(environment, "node", "--import", "tsx",
                "test/server/main.ts", limits);
        try {
            return new TestRuntime(process,
                    URI.create(process.awaitLine(line -> line.startsWith("http://"))));
        } catch (AssertionError neverServed) {
            process.close();
            throw neverServed;
        }
    }

    public URI url() {
        return url;
    }

    @Override
    public void close() {
        process.close();
    }
}
