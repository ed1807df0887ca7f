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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.Assumptions;

/** Tests that can't run on this machine. The build prints them all at its end. */
public final class LeftOut {

    private LeftOut() {}

    /** Ends the test, and has the build say why, unless {@code possible}. */
    public static void unless(boolean possible, String what, String why) {
        if (!possible) {
            Path file = Repository.root().resolve("target").resolve("left-out.txt");
            try {
                Files.createDirectories(file.getParent());
                Files.writeString(file, "LEFT OUT: %s (%s)%n".formatted(what, why), StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException unwritable) {
                throw new UncheckedIOException(unwritable);
            }
        }
        Assumptions.assumeTrue(possible, () -> what + " is left out: " + why);
    }
}
