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
package dev.convexbackfill.readerswriters.verification;

import dev.convexbackfill.client.StopSignal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.batch.core.job.JobInterruptedException;

/** Has what seems to be wrong looked at again after a pause: a document in flight is no mismatch. Thread-safe. */
public final class SecondLook {

    private final Clock clock;
    private final Duration pause;

    public SecondLook(Clock clock, Duration pause) {
        this.clock = clock;
        this.pause = pause;
    }

    /** Looks at documents again. */
    interface Look {

        List<Mismatch> at(Set<String> ids) throws JobInterruptedException;
    }

    /** Adds to {@code findings} what is wrong both times, as it is the second time. */
    void confirm(List<Mismatch> suspects, Look look, StopSignal stop, Findings findings)
            throws JobInterruptedException {
        if (suspects.isEmpty()) {
            return;
        }
        Instant first = clock.instant();
        Set<String> ids = new TreeSet<>();
        Map<String, Boolean> kinds = new HashMap<>();
        suspects.forEach(suspect -> {
            ids.add(String.valueOf(suspect.document()));
            kinds.put(key(suspect), true);
        });
        if (stop.await(pause)) {
            throw new JobInterruptedException("The range was left because of a stop: " + stop.reason());
        }
        List<Mismatch> again = look.at(ids);
        Instant second = clock.instant();
        again.stream().filter(mismatch -> kinds.containsKey(key(mismatch)))
                .forEach(mismatch -> findings.add(mismatch, first, second));
    }

    /** Another field of a document may have come into flight meanwhile. */
    private static String key(Mismatch mismatch) {
        return mismatch.document() + " " + mismatch.kind() + " " + mismatch.field();
    }
}
