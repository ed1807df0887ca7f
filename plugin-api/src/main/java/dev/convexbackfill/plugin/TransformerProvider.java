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
package dev.convexbackfill.plugin;

import dev.convexbackfill.client.value.ConvexObject;

/**
 * Makes transformers for the steps that name it: {@code - java: { plugin: NAME, with: {…} }}. Found by
 * {@link java.util.ServiceLoader}, so a jar lists its providers in
 * {@code META-INF/services/dev.convexbackfill.plugin.TransformerProvider}, and each has a public constructor without arguments.
 */
public interface TransformerProvider {

    /** What plans call it; no two plugins of a folder may have the same. */
    String name();

    /**
     * A transformer for one step of one run.
     *
     * @param settings what the step has under {@code with}; empty if it has nothing. They are kept with the run, so they should
     *                 name an environment variable rather than hold a password.
     * @throws IllegalArgumentException if the settings are wrong; its message is shown to whoever launches the run
     */
    DocumentTransformer open(ConvexObject settings);
}
