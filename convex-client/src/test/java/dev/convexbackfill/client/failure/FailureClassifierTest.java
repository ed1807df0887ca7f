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

import dev.convexbackfill.client.failure.FailureCategory.Effect;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureClassifierTest {

    @ParameterizedTest
    @CsvSource(delimiter = ';', nullValues = "-", value = {
            "400; BadJsonBody; REQUEST_REFUSED",
            "401; BadAdminKey; UNAUTHORIZED",
            "403; BadDeployKey; UNAUTHORIZED",
            "404; FunctionPathNotFound; REQUEST_REFUSED",
            "408; -; OUTCOME_UNKNOWN",
            "409; Conflict; REQUEST_REFUSED",
            "413; -; REQUEST_REFUSED",
            "421; Misdirected; OVERLOADED",
            "425; TooEarly; OVERLOADED",
            "429; TooManyConcurrentRequests; RATE_LIMITED",
            "429; TooManyWrites; RATE_LIMITED",
            "429; -; RATE_LIMITED",
            "500; InternalServerError; OUTCOME_UNKNOWN",
            "502; -; OUTCOME_UNKNOWN",
            "503; OptimisticConcurrencyControlFailure; CONFLICTED",
            "503; ExpiredInQueue; OVERLOADED",
            "503; CommitterFullError; OVERLOADED",
            "503; InternalServerError; OUTCOME_UNKNOWN",
            "503; -; OUTCOME_UNKNOWN",
            "504; -; OUTCOME_UNKNOWN",
            "302; -; OUTCOME_UNKNOWN",
    })
    void sortsAnswersByStatusAndCode(int status, String code, FailureCategory category) {
        assertThat(FailureClassifier.ofStatus("The call", status, code, "text").category()).isEqualTo(category);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
            "[Request ID: a1] Server Error\\nUncaught Error: boom; FUNCTION_FAILED",
            "[Request ID: a1] Server Error; FUNCTION_FAILED",
            "[Request ID: a1] Server Error\\nCould not find public function for 'a:b'. Did you forget; FUNCTION_NOT_FOUND",
            "[Request ID: a1] Server Error\\nCould not find function for 'a:b'.; FUNCTION_NOT_FOUND",
            "[Request ID: a1] Server Error\\nTrying to execute a:b as Query, but it is defined as Mutation.; FUNCTION_NOT_FOUND",
            "[Request ID: a1] Server Error\\nToo many writes in a single function execution (limit: 16000); TRANSACTION_TOO_LARGE",
            "[Request ID: a1] Server Error\\nUncaught Error: Too many bytes read in a single function execution; TRANSACTION_TOO_LARGE",
            "[Request ID: a1] Server Error\\nYour request timed out performing too many system operations.; TRANSACTION_TOO_LARGE",
            "[Request ID: a1] Server Error\\nFunction execution timed out (maximum duration: 1s); TRANSACTION_TOO_LARGE",
            "[Request ID: a1] Server Error\\nFunction a:b return value is too large (actual: 17 MiB, limit: 16 MiB); TRANSACTION_TOO_LARGE",
            "[Request ID: a1] Server Error\\nArguments for a:b are too large (actual: 17 MiB, limit: 16 MiB); TRANSACTION_TOO_LARGE",
            "Cannot run functions while this deployment is paused. Resume the deployment; PAUSED",
    })
    void sortsFailedFunctionsByTheirMessage(String message, FailureCategory category) {
        String real = message.replace("\\n", "\n");

        assertThat(FailureClassifier.ofFunction("The call", real, null, List.of()).category()).isEqualTo(category);
    }

    @Test
    void whatTheFunctionThrewItselfIsNeverReadAsConvexsOwnMessage() {
        ConvexObject data = ConvexObject.of("code", ConvexValue.of("x"));

        ConvexException failure = FailureClassifier.ofFunction("The call",
                "[Request ID: a1] Server Error\nUncaught ConvexError: Too many writes in a single function execution",
                data,
                List.of("[LOG] 'a'"));

        assertThat(failure.category()).isEqualTo(FailureCategory.FUNCTION_FAILED);
        assertThat(failure.data()).isEqualTo(data);
        assertThat(failure.logLines()).containsExactly("[LOG] 'a'");
    }

    @Test
    void everyCategorySaysWhatMayFollow() {
        assertThat(List.of(FailureCategory.values())).filteredOn(category -> category.effect() == Effect.UNKNOWN)
                .containsExactly(FailureCategory.OUTCOME_UNKNOWN, FailureCategory.ABANDONED);
        assertThat(List.of(FailureCategory.values())).filteredOn(category -> category.effect() == Effect.NOT_COMMITTED)
                .containsExactly(FailureCategory.UNREACHABLE, FailureCategory.RATE_LIMITED, FailureCategory.OVERLOADED,
                        FailureCategory.CONFLICTED, FailureCategory.PAUSED);
    }
}
