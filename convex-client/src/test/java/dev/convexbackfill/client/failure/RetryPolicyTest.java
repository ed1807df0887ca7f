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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    @Test
    void delaysDoubleUpToTheMaximumAndLieInTheirUpperHalf() {
        RetryPolicy policy = new RetryPolicy(Duration.ofMillis(100), Duration.ofMillis(1000), Duration.ofMinutes(1));
        long[] full = {100, 200, 400, 800, 1000, 1000};
        for (int round = 0; round < 100; round++) {
            for (int attempt = 1; attempt <= full.length; attempt++) {
                assertThat(policy.delayAfter(attempt)).isBetween(Duration.ofMillis(full[attempt - 1] / 2),
                        Duration.ofMillis(full[attempt - 1]));
            }
        }
        assertThat(policy.delayAfter(1_000_000)).isLessThanOrEqualTo(Duration.ofSeconds(1));
        assertThat(RetryPolicy.NEVER.delayAfter(1)).isZero();
    }

    @Test
    void refusesDelaysThatMakeNoSense() {
        assertThatThrownBy(() -> new RetryPolicy(Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ZERO))
                .hasMessageContaining("'maxDelay' (PT1S)");
    }
}
