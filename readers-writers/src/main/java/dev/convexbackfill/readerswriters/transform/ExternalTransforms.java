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
package dev.convexbackfill.readerswriters.transform;

import dev.convexbackfill.config.plan.TransformSpec;

/** Gives what steps need that lies outside the documents. */
public interface ExternalTransforms {

    /** The chain closes it. Throws {@link IllegalArgumentException}, with what to do about it, if there is no such code. */
    ChunkTransform open(TransformSpec.External spec);

    /** What looks up the new ids of an earlier run. Throws {@link IllegalArgumentException} where there is no repository. */
    default ChunkTransform openReference(TransformSpec.Reference spec) {
        throw new IllegalArgumentException("There is no repository that knows the run '%s'".formatted(spec.run()));
    }
}
