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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.function.FunctionFailedException;
import dev.convexbackfill.local.function.FunctionRunner.Completed;
import dev.convexbackfill.local.function.Observed;
import dev.convexbackfill.local.store.Subscription;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a watched query came to.
 *
 * @param modification what to send to the client if it does not know this result
 * @param digest       the same for two results that the client can't tell apart
 */
record Result(Query query, String modification, String digest, Subscription subscription, @Nullable String journal) {

    static Result of(Query query, Observed observed) {
        return switch (observed) {
            case Observed.Returned(Completed completed, Subscription subscription, @Nullable String journal) -> {
                String value = ConvexJson.encodeToString(completed.value());
                yield new Result(query,
                        ServerMessages.queryUpdated(query.id(), value, completed.logLines(), journal),
                        digest("returned", value, completed.logLines()), subscription, journal);
            }
            case Observed.Failed(FunctionFailedException failure, Subscription subscription, @Nullable String journal) -> {
                ConvexValue data = failure.data();
                String what = failure.getMessage() + (data == null ? "" : "\n" + ConvexJson.encodeToString(data));
                yield new Result(query, ServerMessages.queryFailed(query.id(), failure, journal),
                        digest("failed", what, failure.logLines()), subscription, journal);
            }
        };
    }

    private static String digest(String kind, String text, List<String> logLines) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            add(digest, kind);
            add(digest, text);
            logLines.forEach(line -> add(digest, line));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update("%d:".formatted(bytes.length).getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
    }
}
