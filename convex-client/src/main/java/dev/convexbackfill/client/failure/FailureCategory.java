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
package dev.convexbackfill.client.failure;

/**
 * Every way in which a call to Convex fails, by what its caller can do. Decide on the category, never on a status or on the
 * text of a message. Source of the mapping: {@code crates/errors/src/lib.rs} of the Convex backend.
 */
public enum FailureCategory {

    /** The key is missing, wrong, of another deployment, or not allowed to do this. */
    UNAUTHORIZED(Effect.PERMANENT),
    /** No function of that path and kind is deployed. */
    FUNCTION_NOT_FOUND(Effect.PERMANENT),
    /** The function ran and failed; what it wrote is undone. {@link ConvexException#data()} has what it threw, if anything. */
    FUNCTION_FAILED(Effect.PERMANENT),
    /** The function broke a limit of one transaction, of size or of time. A smaller piece of the same work may pass. */
    TRANSACTION_TOO_LARGE(Effect.PERMANENT),
    /** The request itself is wrong: a path, a value, a cursor, a header. */
    REQUEST_REFUSED(Effect.PERMANENT),

    /** The address does not answer, or not with TLS. The request was never sent. */
    UNREACHABLE(Effect.NOT_COMMITTED),
    /** The deployment is over its rate, by its own account: send less. */
    RATE_LIMITED(Effect.NOT_COMMITTED),
    /** The deployment is too busy to begin, or is starting. */
    OVERLOADED(Effect.NOT_COMMITTED),
    /** Other writers changed what the function read, each time that Convex tried it. */
    CONFLICTED(Effect.NOT_COMMITTED),
    /** Somebody has paused the deployment. */
    PAUSED(Effect.NOT_COMMITTED),

    /** The answer was lost, late or unreadable: the call may have been carried out, or may still be. */
    OUTCOME_UNKNOWN(Effect.UNKNOWN),
    /** The caller stopped waiting: the call may have been carried out, or may still be. */
    ABANDONED(Effect.UNKNOWN);

    /** What a failed call left behind, and so what may follow it. */
    public enum Effect {

        /** Nothing was written, and the same call may succeed later: always safe to repeat. */
        NOT_COMMITTED,
        /** It may have been written: repeat only what is harmless when done twice. */
        UNKNOWN,
        /** Nothing was written, and the same call will fail again. */
        PERMANENT
    }

    private final Effect effect;

    FailureCategory(Effect effect) {
        this.effect = effect;
    }

    public Effect effect() {
        return effect;
    }
}
