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
package dev.convexbackfill.local.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionRunner.Completed;
import dev.convexbackfill.local.function.FunctionRunner.Disturbance;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.Store;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionRequestsTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final SessionRequest REQUEST = new SessionRequest(new UUID(1, 2), 3);
    private static final TransactionLimits ONE_WRITE = new TransactionLimits(10, 1 << 20, 100, 1, 1 << 20);

    @TempDir
    private Path directory;

    private Store open(Duration later) {
        return Store.inFile(directory.resolve("store.mv"), Clock.fixed(START.plus(later), ZoneOffset.UTC));
    }

    private static Completed add(Store store, SessionRequest request) {
        FunctionRunner runner = new FunctionRunner(store, ONE_WRITE, store.secret(),
                StopSignal.never());
        runner.install(List.of(FunctionDefinition.mutation("m:add", Visibility.PUBLIC, Validator.object(),
                (db, _) -> ConvexValue.array(ConvexValue.of(db.insert("things", ConvexObject.EMPTY)),
                        ConvexValue.of("x".repeat(2 << 20))))));
        return runner.mutateOnce(request, "m:add", ConvexObject.EMPTY, Caller.ANONYMOUS, Disturbance.NONE);
    }

    @Test
    void anAnswerIsKeptForTwoWeeksAlsoWhenTheDeploymentIsRestarted() {
        Completed first;
        try (Store store = open(Duration.ZERO)) {
            first = add(store, REQUEST);
            assertThat(add(store, REQUEST)).isEqualTo(first);
            assertThat(add(store, new SessionRequest(new UUID(1, 2), 4))).isNotEqualTo(first);
            assertThat(add(store, new SessionRequest(new UUID(1, 3), 3))).isNotEqualTo(first);
        }
        try (Store store = open(Duration.ofDays(13))) {
            assertThat(SessionRequests.removeOld(store)).isZero();
            assertThat(add(store, REQUEST)).isEqualTo(first);
        }
        try (Store store = open(Duration.ofDays(14).plusMinutes(1))) {
            assertThat(SessionRequests.removeOld(store)).isEqualTo(3);
            assertThat(add(store, REQUEST)).isNotEqualTo(first);
        }
    }
}
