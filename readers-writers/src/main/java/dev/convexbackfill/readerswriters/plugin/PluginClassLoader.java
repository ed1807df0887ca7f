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

import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;

/**
 * Loads plugins and the libraries that they bring. Of the application they see what plugins are written against and nothing
 * else, so that their libraries and ours can have different versions.
 */
final class PluginClassLoader extends URLClassLoader {

    PluginClassLoader(URL[] jars) {
        super("plugins", jars, new ApplicationView(PluginClassLoader.class.getClassLoader()));
    }

    private static final class ApplicationView extends ClassLoader {

        private static final List<String> VISIBLE = List.of("dev.convexbackfill.plugin.",
                "dev.convexbackfill.client.value.", "org.slf4j.", "org.jspecify.annotations.");

        private final ClassLoader application;

        ApplicationView(ClassLoader application) {
            super("application", ClassLoader.getPlatformClassLoader());
            this.application = application;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (VISIBLE.stream().anyMatch(name::startsWith)) {
                return application.loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }
}
