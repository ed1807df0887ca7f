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
package dev.convexbackfill.job.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.config.plan.Allowance;
import dev.convexbackfill.config.plan.StopWhen;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PressureTest {

    private static final Duration QUICK = Duration.ofMillis(10);
    private static final Duration SLOW = Duration.ofMillis(900);

    private static Pressure latency() {
        return new Pressure(new StopWhen(null, Duration.ofMillis(800)));
    }

    private static Pressure conflicts(Allowance allowed) {
        return new Pressure(new StopWhen(allowed, null));
    }

    private static void call(Pressure pressure, int times, Duration time) {
        for (int i = 0; i < times; i++) {
            assertThat(pressure.called(time)).isEmpty();
        }
    }

    @Test
    void aFewSlowCallsAreNotYetTooMany() {
        Pressure pressure = latency();

        call(pressure, 19, SLOW);

        assertThat(pressure.called(SLOW)).hasValue("Of the last 20 calls that write, 5% took 900 ms or longer");
    }

    @Test
    void fiveSlowCallsOfAHundredAreBorneAndSixAreNot() {
        Pressure pressure = latency();
        call(pressure, 95, QUICK);
        call(pressure, 5, SLOW);

        assertThat(pressure.called(SLOW)).hasValue("Of the last 100 calls that write, 5% took 900 ms or longer");
    }

    @Test
    void slowCallsAreForgottenAfterAHundredOthers() {
        Pressure pressure = latency();
        call(pressure, 95, QUICK);
        call(pressure, 5, SLOW);
        call(pressure, 100, QUICK);
        call(pressure, 5, SLOW);
    }

    @Test
    void aPartOfTheLastDocumentsMayConflictAndAFewAlways() {
        Pressure pressure = conflicts(Allowance.ofRead(0.05));

        assertThat(pressure.written(10, 10)).isEmpty();
        assertThat(pressure.written(10, 1)).hasValue("The app was faster 11 times at the last 20 documents");
        assertThat(pressure.written(200, 0)).isEmpty();
        assertThat(pressure.written(2, 1)).describedAs("12 of 222").isPresent();
        assertThat(pressure.written(100, 1)).describedAs("13 of 322").isEmpty();
    }

    @Test
    void conflictsOfLongAgoDoNotCountAgainstAPart() {
        Pressure pressure = conflicts(Allowance.ofRead(0.05));
        for (int i = 0; i < 1000; i++) {
            assertThat(pressure.written(200, 0)).isEmpty();
        }

        assertThat(pressure.written(200, 200)).isEmpty();
        assertThat(pressure.written(300, 300)).describedAs("500 of the last 10,100").isEmpty();
        assertThat(pressure.written(200, 100)).isPresent();
    }

    @Test
    void aNumberOfConflictsCountsFromTheBeginOn() {
        Pressure pressure = conflicts(new Allowance(500));
        for (int i = 0; i < 100; i++) {
            assertThat(pressure.written(20_000, 5)).isEmpty();
        }

        assertThat(pressure.written(1, 1)).hasValue("The app was faster 501 times at the last 2000001 documents");
    }

    @Test
    void withoutLimitsAllIsBorne() {
        Pressure pressure = new Pressure(StopWhen.NEVER);
        call(pressure, 100, Duration.ofMinutes(5));

        assertThat(pressure.written(1, 1_000_000)).isEmpty();
    }
}
