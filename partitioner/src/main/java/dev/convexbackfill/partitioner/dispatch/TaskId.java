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
package dev.convexbackfill.partitioner.dispatch;

/**
 * A task: one number of one run.
 *
 * @param number a step execution's id for a range; 0 for the run itself
 */
public record TaskId(String run, long number) {

    /** The task of a whole run. */
    public static TaskId ofRun(String run) {
        return new TaskId(run, 0);
    }

    static TaskId parse(String instance) {
        int slash = instance.lastIndexOf('/');
        return new TaskId(instance.substring(0, slash), Long.parseLong(instance.substring(slash + 1)));
    }

    /** As the repository stores it. */
    @Override
    public String toString() {
        return run + "/" + number;
    }
}
