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
package dev.convexbackfill.local.javascript.bundle;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.app.AppRefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where an app lies.
 *
 * @param project   has {@code package.json} and {@code node_modules}
 * @param functions has the functions: {@code convex/}, or what {@code convex.json} says
 */
record AppFolder(Path project, Path functions) {

    private static final String DEFAULT = "convex";
    private static final String SETTINGS = "convex.json";

    /** Finds out whether {@code folder} is the app's, or that of its functions. Throws {@link AppRefusedException}. */
    static AppFolder find(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute)) {
            throw new AppRefusedException("There is no folder '%s'".formatted(folder));
        }
        String named = functionsFolder(absolute.resolve(SETTINGS));
        Path functions = absolute.resolve(named == null ? DEFAULT : named).normalize();
        if (Files.isDirectory(functions)) {
            return new AppFolder(absolute, functions);
        }
        Path parent = absolute.getParent();
        if (named != null || parent == null || Files.exists(absolute.resolve("package.json"))) {
            throw new AppRefusedException("The app in '%s' has no folder '%s' with functions".formatted(folder,
                    absolute.relativize(functions)));
        }
        return new AppFolder(parent, absolute);
    }

    private static @Nullable String functionsFolder(Path settings) {
        try {
            if (!Files.exists(settings)) {
                return null;
            }
            ConvexObject object = ConvexJson.decodeObject(Files.readAllBytes(settings));
            return object.has("functions") ? object.string("functions") : null;
        } catch (InvalidValueException invalid) {
            throw new AppRefusedException("'%s' can't be read: %s".formatted(settings, invalid.getMessage()), invalid);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
