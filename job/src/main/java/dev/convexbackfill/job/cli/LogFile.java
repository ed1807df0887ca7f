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

import java.nio.file.Path;

/** Where what people do not read goes; the folder also takes what processes in the background print. */
final class LogFile {

    private LogFile() {}

    /** As logback.xml resolves it. */
    static Path path() {
        return Path.of(System.getProperty("backfill.log.file", ".backfill/backfill.log"));
    }

    /** A file of that name in the same folder. */
    static Path beside(String name) {
        return path().resolveSibling(name);
    }
}
