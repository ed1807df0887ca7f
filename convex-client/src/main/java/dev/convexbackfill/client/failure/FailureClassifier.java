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

import dev.convexbackfill.client.value.ConvexValue;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sorts what Convex answers into {@link FailureCategory categories}. */
public final class FailureClassifier {

    private static final Pattern PREFIX = Pattern
            .compile("^(\\[Request ID: [^]]*] )?(Server Error\n)?(Uncaught )?(Error: )?");
    private static final Pattern TOO_LARGE = Pattern
            .compile("Too many (documents|bytes|reads|writes)\\b|Too many .* in a single"
                    + "|Your request timed out performing too many system operations|Function execution timed out"
                    + "|return value is too large|^Arguments for .* are too large");
    private static final Pattern NOT_FOUND = Pattern.compile("^Could not find (public )?function for ");
    private static final Pattern PAUSED = Pattern
            .compile("^Cannot run functions while this deployment is (paused|disabled)");
    private static final int MAX_MESSAGE = 2000;

    private FailureClassifier() {}

    /** A function's failure, which Convex reports in an envelope of status 200 (or 560). */
    public static ConvexException ofFunction(String call, String errorMessage, @Nullable ConvexValue errorData,
            List<String> logLines) {
        String message = PREFIX.matcher(errorMessage).replaceFirst("");
        FailureCategory category;
        if (errorData != null) {
            category = FailureCategory.FUNCTION_FAILED;
        } else if (NOT_FOUND.matcher(message).find() || message.startsWith("Trying to execute ")) {
            category = FailureCategory.FUNCTION_NOT_FOUND;
        } else if (PAUSED.matcher(message).find()) {
            category = FailureCategory.PAUSED;
        } else if (TOO_LARGE.matcher(message).find()) {
            category = FailureCategory.TRANSACTION_TOO_LARGE;
        } else {
            category = FailureCategory.FUNCTION_FAILED;
        }
        return new ConvexException(category, call + " failed: " + abbreviate(errorMessage), null, errorData, logLines,
                null);
    }

    /** Any answer that is no envelope. {@code code} and {@code message} are Convex's own; null where the body had none. */
    public static ConvexException ofStatus(String call, int status, @Nullable String code, @Nullable String message) {
        String text = "%s failed with HTTP %d%s%s".formatted(call, status, code == null ? "" : " " + code,
                message == null || message.isBlank() ? "" : ": " + abbreviate(message));
        return new ConvexException(categoryOf(status, code), text, code, null, List.of(), null);
    }

    private static FailureCategory categoryOf(int status, @Nullable String code) {
        return switch (status) {
            case 401, 403 -> FailureCategory.UNAUTHORIZED;
            case 421, 425 -> FailureCategory.OVERLOADED;
            case 429 -> FailureCategory.RATE_LIMITED;
            // without one of Convex's codes the answer is a proxy's, and with this one it may hide anything
            case 503 -> code == null || code.isEmpty() || code.equals("InternalServerError")
                    ? FailureCategory.OUTCOME_UNKNOWN
                    : code.equals("OptimisticConcurrencyControlFailure") ? FailureCategory.CONFLICTED
                            : FailureCategory.OVERLOADED;
            case 408 -> FailureCategory.OUTCOME_UNKNOWN;
            default -> status >= 400 && status < 500 ? FailureCategory.REQUEST_REFUSED
                    : FailureCategory.OUTCOME_UNKNOWN;
        };
    }

    private static String abbreviate(String text) {
        return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE) + "…";
    }
}
