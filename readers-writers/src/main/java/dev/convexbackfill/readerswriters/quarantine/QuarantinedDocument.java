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
package dev.convexbackfill.readerswriters.quarantine;

import org.jspecify.annotations.Nullable;

/**
 * A document that the run could not change.
 *
 * @param input {@link InputDigest} of the document as it was read; null if it is not known
 */
public record QuarantinedDocument(String id, Reason reason, String message, @Nullable String input) {

    private static final int MAX_MESSAGE = 2000;

    public QuarantinedDocument {
        message = message.substring(0, Math.min(message.length(), MAX_MESSAGE));
    }

    /** Why. */
    public enum Reason {
        /** A step of the plan does not know what to do with it. */
        TRANSFORM,
        /** The app changed it each time that the run tried. */
        CONFLICT,
        /** The deployment refused the change. */
        REJECTED,
        /** The app has written since to what a rollback would put back. */
        CHANGED_SINCE,
        /** A verification has found that the plan would still change it. */
        NOT_MIGRATED
    }
}
