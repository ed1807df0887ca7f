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
package dev.convexbackfill.local.sync;

import org.jspecify.annotations.Nullable;

/** Something that ends a socket, and how. */
final class SyncFailure extends RuntimeException {

    /** How a socket ends. The codes are those of the Convex backend ({@code ErrorMetadata::close_frame}). */
    enum Ending {
        /** The client did something that it would only do again: it is told so, and stops. */
        FATAL,
        /** The client is not who it says: it is told so. */
        UNAUTHENTICATED,
        /** The client shall come back later. */
        TRY_AGAIN(1013),
        /** Something is broken. */
        INTERNAL(1011),
        /** As if the network had failed. */
        CUT;

        private final int code;

        /** The close frame has no code. */
        Ending() {
            this(1005);
        }

        Ending(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    private final Ending ending;
    private final String shortCode;

    private SyncFailure(Ending ending, String shortCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.ending = ending;
        this.shortCode = shortCode;
    }

    static SyncFailure fatal(String message) {
        return new SyncFailure(Ending.FATAL, "", message, null);
    }

    static SyncFailure invalidMessage(String why) {
        return fatal("Received Invalid JSON on websocket: " + why);
    }

    static SyncFailure unauthenticated(String message) {
        return new SyncFailure(Ending.UNAUTHENTICATED, "", message, null);
    }

    /** {@code shortCode} is Convex's name of the error; clients choose by it how long they wait. */
    static SyncFailure tryAgain(String shortCode) {
        return new SyncFailure(Ending.TRY_AGAIN, shortCode, shortCode, null);
    }

    static SyncFailure internal(String message, @Nullable Throwable cause) {
        return new SyncFailure(Ending.INTERNAL, "InternalServerError", message, cause);
    }

    static SyncFailure cut() {
        return new SyncFailure(Ending.CUT, "", "The connection is broken on purpose", null);
    }

    Ending ending() {
        return ending;
    }

    String shortCode() {
        return shortCode;
    }
}
