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
package dev.convexbackfill.javascript.transform;

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.plugin.DocumentTransformer;
import dev.convexbackfill.plugin.TransformResult;
import dev.convexbackfill.plugin.TransformerProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** The plugin of {@link TransformBenchmark}: splits a name, and lowers the case of an address. */
public final class NamesPlugin implements TransformerProvider {

    static final String NAME = "names";

    /** Fields to set: what every kind of transform makes of a document. */
    static ConvexObject change(ConvexObject document) {
        String fullName = document.string("fullName");
        int at = fullName.indexOf(' ');
        return ConvexObject.builder()
                .put("email", document.string("email").toLowerCase(Locale.ROOT))
                .put("firstName", fullName.substring(0, at))
                .put("lastName", fullName.substring(at + 1))
                .build();
    }

    /** A folder with this class in a jar, as plugins lie. */
    static Path inFolder() throws IOException {
        Path folder = Files.createTempDirectory("plugins");
        String file = NamesPlugin.class.getName().replace('.', '/') + ".class";
        try (OutputStream jar = Files.newOutputStream(folder.resolve("names.jar"));
                JarOutputStream packed = new JarOutputStream(jar);
                InputStream own = requireNonNull(NamesPlugin.class.getClassLoader().getResourceAsStream(file))) {
            packed.putNextEntry(new JarEntry(file));
            own.transferTo(packed);
            packed.putNextEntry(new JarEntry("META-INF/services/" + TransformerProvider.class.getName()));
            packed.write(NamesPlugin.class.getName().getBytes(StandardCharsets.UTF_8));
        }
        return folder;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public DocumentTransformer open(ConvexObject settings) {
        return documents -> documents.stream().map(document -> TransformResult.set(change(document))).toList();
    }
}
