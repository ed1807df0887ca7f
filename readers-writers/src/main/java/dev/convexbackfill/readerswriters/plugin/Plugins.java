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
package dev.convexbackfill.readerswriters.plugin;

import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.plugin.DocumentTransformer;
import dev.convexbackfill.plugin.TransformerProvider;
import dev.convexbackfill.readerswriters.transform.ChunkTransform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The plugins of a folder, which stay loaded until this is closed. */
public final class Plugins implements AutoCloseable {

    private final @Nullable Path folder;
    private final @Nullable PluginClassLoader loader;
    private final Map<String, TransformerProvider> providers;

    private Plugins(@Nullable Path folder, @Nullable PluginClassLoader loader,
            Map<String, TransformerProvider> providers) {
        this.folder = folder;
        this.loader = loader;
        this.providers = providers;
    }

    /** No plugins at all. */
    public static Plugins none() {
        return new Plugins(null, null, Map.of());
    }

    /**
     * The plugins in the jars of a folder, which are each other's libraries.
     *
     * @throws IllegalArgumentException if there is no such folder, or a jar can't be loaded
     */
    public static Plugins in(Path folder) {
        PluginClassLoader loader = new PluginClassLoader(jars(folder));
        try {
            Map<String, TransformerProvider> providers = new TreeMap<>();
            for (TransformerProvider provider : ServiceLoader.load(TransformerProvider.class, loader)) {
                TransformerProvider other = providers.put(provider.name(), provider);
                if (other != null) {
                    throw new IllegalArgumentException(
                            "Two plugins in '%s' are called '%s': %s and %s".formatted(folder,
                                    provider.name(), other.getClass().getName(), provider.getClass().getName()));
                }
            }
            return new Plugins(folder, loader, providers);
        } catch (ServiceConfigurationError | LinkageError broken) {
            close(loader);
            throw new IllegalArgumentException(
                    "The plugins in '%s' can't be loaded: %s".formatted(folder, reason(broken)), broken);
        } catch (IllegalArgumentException refused) {
            close(loader);
            throw refused;
        }
    }

    private static String reason(Throwable broken) {
        Throwable cause = broken.getCause();
        return broken.getMessage() + (cause == null ? "" : ": " + cause);
    }

    private static URL[] jars(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("There is no folder '%s' to load plugins from".formatted(folder));
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<URL> jars = new ArrayList<>();
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).sorted().toList()) {
                jars.add(jar.toUri().toURL());
            }
            return jars.toArray(URL[]::new);
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException("The folder '%s' can't be read: %s".formatted(folder, unreadable),
                    unreadable);
        }
    }

    /**
     * Opens the plugin that a step names.
     *
     * @throws IllegalArgumentException if there is none of that name, or it refuses its settings
     */
    public ChunkTransform open(TransformSpec.Java spec) {
        TransformerProvider provider = providers.get(spec.plugin());
        if (provider == null) {
            throw new IllegalArgumentException(folder == null
                    ? "The plan needs the plugin '%s'; say where it is by --plugins DIR".formatted(spec.plugin())
                    : "There is no plugin '%s' in '%s', only: %s".formatted(spec.plugin(), folder,
                            providers.isEmpty() ? "none" : String.join(", ", providers.keySet())));
        }
        return new PluginTransform(spec, open(spec, provider));
    }

    private static DocumentTransformer open(TransformSpec.Java spec, TransformerProvider provider) {
        try {
            return provider.open(spec.with());
        } catch (RuntimeException | LinkageError refused) {
            throw new IllegalArgumentException(
                    "The plugin '%s' can't be used: %s".formatted(spec.plugin(), refused.getMessage() == null
                            ? refused.toString()
                            : refused.getMessage()),
                    refused);
        }
    }

    @Override
    public void close() {
        if (loader != null) {
            close(loader);
        }
    }

    private static void close(PluginClassLoader loader) {
        try {
            loader.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
