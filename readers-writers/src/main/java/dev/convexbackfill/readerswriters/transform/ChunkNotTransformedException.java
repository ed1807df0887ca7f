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

import org.jspecify.annotations.Nullable;

/** Documents could not be transformed for a reason that lies outside them and may pass: none of them was written. */
public final class ChunkNotTransformedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ChunkNotTransformedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
