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

/** What verifications are called unless they are given a name. */
public final class VerificationNames {

    private static final int MAX_NAME = 60;

    private VerificationNames() {}

    /** The next one of a run that is free. */
    public static String next(RunStore runs, String run) {
        int number = runs.verifications(run) + 1;
        while (runs.find(name(run, number)).isPresent()) {
            number++;
        }
        return name(run, number);
    }

    private static String name(String run, int number) {
        String end = "-verify-" + number;
        return run.substring(0, Math.min(run.length(), MAX_NAME - end.length())) + end;
    }
}
