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
package dev.convexbackfill.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.failure.RetryPolicy;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.faults.Faults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the client makes of each thing that can go wrong, and what it left behind. */
class FaultsTest {

    private static final FunctionPath INSERT = FunctionPath.of("test", "insert");
    private static final FunctionPath ALL = FunctionPath.of("test", "all");
    private static final CallOptions ONCE = CallOptions.DEFAULT.withRetry(RetryPolicy.NEVER);
    private static final CallOptions PATIENT = CallOptions.DEFAULT.withRetry(
            new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofSeconds(30)));

    private final LocalDeployment deployment = LocalDeployment.builder().alsoFunctions(TestFunctions.all()).start();
    private final ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build();

    @AfterEach
    void close() {
        client.close();
        deployment.close();
    }

    private void insert(CallOptions options) {
        client.mutation(INSERT, ConvexObject.of("table", ConvexValue.of("t"), "documents",
                ConvexValue.array(ConvexObject.EMPTY)), options);
    }

    private int inserted() {
        deployment.setFaults(Faults.NONE);
        return ((dev.convexbackfill.client.value.ConvexArray) client
                .query(ALL, ConvexObject.of("table", ConvexValue.of("t")), ONCE).value()).size();
    }

    private static Faults faults(String name, int every) {
        return Faults.fromJson(ConvexObject.of(name, ConvexValue.number(every)));
    }

    @ParameterizedTest
    @CsvSource({"rateLimited, RATE_LIMITED, 0", "overloaded, OVERLOADED, 0", "conflict, CONFLICTED, 0",
            "resetBeforeCommit, OUTCOME_UNKNOWN, 0", "replyLost, OUTCOME_UNKNOWN, 1"})
    void isSortedByWhatItLeavesBehind(String fault, FailureCategory category, int committed) {
        deployment.setFaults(faults(fault, 1));

        assertThatThrownBy(() -> insert(ONCE)).isInstanceOfSatisfying(ConvexException.class,
                failure -> assertThat(failure.category()).isEqualTo(category));
        assertThat(inserted()).isEqualTo(committed);
    }

    @ParameterizedTest
    @CsvSource({"rateLimited", "overloaded", "conflict"})
    void whatWasNotCommittedIsRepeatedAndHappensOnce(String fault) {
        deployment.setFaults(faults(fault, 2));

        for (int i = 0; i < 6; i++) {
            insert(PATIENT);
        }
        assertThat(inserted()).isEqualTo(6);
    }

    @Test
    void anUnknownOutcomeIsNotRepeatedUnlessTheCallerSaysThatThisIsHarmless() {
        deployment.setFaults(faults("replyLost", 2));
        List<FailureCategory> heard = new ArrayList<>();

        insert(PATIENT);
        assertThatThrownBy(() -> insert(PATIENT)).isInstanceOf(ConvexException.class);
        insert(PATIENT);
        insert(PATIENT.asRepeatable().withListener((_, category, _) -> heard.add(category)));
        assertThat(heard).containsExactly(FailureCategory.OUTCOME_UNKNOWN);
        assertThat(inserted()).as("the fourth was carried out twice").isEqualTo(5);
    }

    @Test
    void aListenerHearsOnceHowLongACallTookThatSucceeds() {
        deployment.setFaults(faults("overloaded", 2));
        List<String> heard = new ArrayList<>();
        CallOptions options = PATIENT.withListener(new CallOptions.RetryListener() {

            @Override
            public void onRetry(FunctionPath function, FailureCategory category, Duration delay) {
                heard.add(category.name());
            }

            @Override
            public void onAnswer(FunctionPath function, Duration took) {
                assertThat(took).isPositive();
                heard.add("answer");
            }
        });
        insert(options);
        insert(options);
        assertThat(heard).containsExactly("answer", "OVERLOADED", "answer");
    }

    @Test
    void queriesAreRepeatedAfterAnyFailureThatMayPass() {
        deployment.setFaults(faults("overloaded", 2));
        for (int i = 0; i < 5; i++) {
            client.query(ALL, ConvexObject.of("table", ConvexValue.of("t")), PATIENT);
        }
    }

    @Test
    void givesUpInTime() {
        deployment.setFaults(faults("rateLimited", 1));
        CallOptions impatient = CallOptions.DEFAULT.withRetry(
                new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(50)));

        assertThatThrownBy(() -> insert(impatient)).isInstanceOf(ConvexException.class)
                .hasMessageContaining("The call of 'test:insert' failed with HTTP 429");
    }

    @Test
    void anAnswerThatTakesTooLongIsUnknown() {
        deployment.setFaults(Faults.NONE.withLatency(Duration.ofMinutes(1)));

        assertThatThrownBy(() -> insert(ONCE.withTimeout(Duration.ofMillis(100))))
                .isInstanceOfSatisfying(ConvexException.class, failure -> {
                    assertThat(failure.category()).isEqualTo(FailureCategory.OUTCOME_UNKNOWN);
                    assertThat(failure).hasMessage("The call of 'test:insert' got no answer within 100 ms");
                });
    }

    @Test
    void aStopEndsTheCallInFlight() throws InterruptedException {
        deployment.setFaults(Faults.NONE.withLatency(Duration.ofMinutes(1)));
        StopSignal stop = StopSignal.never();
        List<FailureCategory> failures = new ArrayList<>();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                insert(PATIENT.asRepeatable().withStop(stop));
            } catch (ConvexException failure) {
                failures.add(failure.category());
            }
        });

        stop.give("enough");
        caller.join();
        assertThat(failures).containsExactly(FailureCategory.ABANDONED);
    }

    @Test
    void aStopEndsTheWaitBetweenAttempts() throws InterruptedException {
        deployment.setFaults(faults("rateLimited", 1));
        StopSignal stop = StopSignal.never();
        RetryPolicy rare = new RetryPolicy(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofHours(1));
        List<FailureCategory> failures = new ArrayList<>();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                insert(CallOptions.DEFAULT.withRetry(rare).withStop(stop)
                        .withListener((_, _, _) -> stop.give("enough")));
            } catch (ConvexException failure) {
                failures.add(failure.category());
            }
        });

        caller.join();
        assertThat(failures).containsExactly(FailureCategory.RATE_LIMITED);
    }

    @Test
    void anInterruptEndsTheCallAndIsKept() throws InterruptedException {
        deployment.setFaults(Faults.NONE.withLatency(Duration.ofSeconds(20)));
        List<Object> seen = new ArrayList<>();
        Thread caller = Thread.ofVirtual().unstarted(() -> {
            try {
                insert(PATIENT.asRepeatable());
            } catch (ConvexException failure) {
                seen.add(failure.category());
                seen.add(Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        caller.interrupt();
        caller.join();
        assertThat(seen).containsExactly(FailureCategory.ABANDONED, true);
    }

    @Test
    void anAddressThatDoesNotAnswerIsUnreachable() {
        deployment.close();

        assertThatThrownBy(() -> insert(ONCE)).isInstanceOfSatisfying(ConvexException.class, failure -> {
            assertThat(failure.category()).isEqualTo(FailureCategory.UNREACHABLE);
            assertThat(failure).hasMessageContaining("no connection to " + deployment.url());
        });
    }

    @Test
    void onlyTheNamedFunctionsAreDisturbed() {
        deployment.setFaults(Faults.fromJson(ConvexJson.decodeObject(
                "{\"rateLimited\":1,\"functions\":\"backfill:\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8))));

        insert(ONCE);
        assertThatThrownBy(() -> client.query(FunctionPath.of("backfill", "info"), ConvexObject.EMPTY, ONCE))
                .isInstanceOf(ConvexException.class);
    }
}
