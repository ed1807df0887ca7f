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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.function.FunctionKind;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What clients send. Source: {@code crates/convex/sync_types/src/types/json.rs} of the Convex backend. */
sealed interface ClientMessage {

    /**
     * The first message.
     *
     * @param session           the same for each socket of one client
     * @param maxObserved       the newest time of a commit that the client has heard of; null for none
     * @param clientMillis      the client's clock, in milliseconds since 1970; null from old clients
     */
    record Connect(UUID session, @Nullable Long maxObserved, @Nullable Long clientMillis) implements ClientMessage {}

    /** Changes the set of watched queries from one version to a later one. */
    record ModifyQuerySet(long baseVersion, long newVersion, List<Change> changes) implements ClientMessage {

        public ModifyQuerySet {
            changes = List.copyOf(changes);
        }
    }

    /** One change of the set of watched queries. */
    sealed interface Change {

        record Add(Query query) implements Change {}

        record Remove(long id) implements Change {}
    }

    /** Calls a mutation or an action; {@code args} is JSON text. */
    record Call(FunctionKind kind, long requestId, String path, String args, @Nullable String component)
            implements
                ClientMessage {}

    /** Says who the client is from now on. */
    record Authenticate(long baseVersion, Token token) implements ClientMessage {}

    /** How a client shows who it is. */
    sealed interface Token {

        /** By the deployment's key, possibly acting as a user. */
        record Admin(String key, @Nullable ConvexObject user) implements Token {

            @Override
            public String toString() {
                return "Admin[hidden]";
            }
        }

        /** By a token of an identity provider. */
        record User() implements Token {}

        record None() implements Token {}
    }

    /** Something that the client measured. */
    record Event() implements ClientMessage {}
}
