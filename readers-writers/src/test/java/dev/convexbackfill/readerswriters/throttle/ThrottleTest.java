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
package dev.convexbackfill.readerswriters.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.config.plan.ByteSize;
import dev.convexbackfill.config.plan.Plan;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ThrottleTest {

    private final StopSignal stop = StopSignal.never();

    @Test
    void onlySoManyCallsOfAKindAreInFlight() throws InterruptedException {
        Throttle throttle = new Throttle(new Plan.Throttle(null, null, 2));
        Throttle.Permit first = throttle.acquireWrite(1, 1, stop);
        Throttle.Permit second = throttle.acquireWrite(1, 1, stop);
        assertThat(first).isNotNull();
        assertThat(second).isNotNull();
        assertThat(throttle.acquireRead(stop)).as("reads have places of their own").isNotNull();

        CountDownLatch third = new CountDownLatch(1);
        Thread waiting = Thread.ofVirtual().start(() -> {
            try (Throttle.Permit permit = throttle.acquireWrite(1, 1, stop)) {
                assertThat(permit).isNotNull();
                third.countDown();
            }
        });
        assertThat(third.getCount()).isEqualTo(1);
        first.close();
        waiting.join();
        assertThat(third.getCount()).isZero();
    }

    @Test
    void aStopEndsEveryWait() {
        Throttle throttle = new Throttle(new Plan.Throttle(1, new ByteSize(65536), 1));
        assertThat(throttle.acquireWrite(0, 0, stop)).isNotNull();

        Thread.ofVirtual().start(() -> stop.give("enough"));
        assertThat(throttle.acquireWrite(1_000_000, 1, stop)).as("documents that are far over the rate").isNull();
        assertThat(throttle.acquireWrite(0, 0, stop)).as("no place").isNull();
    }

    @Test
    void writesAreSpreadOverTime() {
        Throttle throttle = new Throttle(new Plan.Throttle(1000, null, 1));
        long start = System.nanoTime();
        for (int i = 0; i < 6; i++) {
            try (Throttle.Permit permit = throttle.acquireWrite(100, 0, stop)) {
                assertThat(permit).isNotNull();
            }
        }
        // 600 documents at 1000 a second, 100 of which were there from the beginning
        assertThat(System.nanoTime() - start).isGreaterThan(400_000_000L);
        assertThat(throttle.waits().total()).containsOnlyKeys(WaitReason.PLAN_DOCUMENTS).allSatisfy(
                (_, wait) -> assertThat(wait.total()).isGreaterThan(Duration.ofMillis(400)));
    }

    @Test
    void aWaitIsCountedByItsReasonEvenIfItEndsWithAStop() {
        Throttle throttle = new Throttle(new Plan.Throttle(null, null, 1));
        assertThat(throttle.acquireRead(stop)).isNotNull();
        assertThat(throttle.waits().total()).describedAs("there was a place").isEmpty();

        Thread.ofVirtual().start(() -> stop.give("enough"));
        throttle.acquireRead(stop);
        // the signal may have come first, and then nothing was waited for
        assertThat(throttle.waits().total().keySet()).isSubsetOf(Set.of(WaitReason.PLAN_CONCURRENCY));
    }
}
