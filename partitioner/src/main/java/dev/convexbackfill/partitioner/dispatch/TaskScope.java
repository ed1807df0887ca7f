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

/** Whose tasks a process takes: a command serves the run it was started for, a worker all. */
public sealed interface TaskScope {

    boolean contains(TaskId task);

    /** The condition on {@code task_instance} in SQL. */
    String condition();

    /** Every run's. */
    record AllRuns() implements TaskScope {

        @Override
        public boolean contains(TaskId task) {
            return true;
        }

        @Override
        public String condition() {
            return "task_instance like '%'";
        }
    }

    /**
     * One run's.
     *
     * @param run lower-case letters, digits and dashes
     */
    record OneRun(String run) implements TaskScope {

        /** Throws {@link IllegalArgumentException} for a name that would need quoting in SQL. */
        public OneRun {
            if (!run.matches("[a-z0-9-]+")) {
                throw new IllegalArgumentException("'%s' is no name of a run".formatted(run));
            }
        }

        @Override
        public boolean contains(TaskId task) {
            return task.run().equals(run);
        }

        @Override
        public String condition() {
            return "task_instance like '" + run + "/%'";
        }
    }
}
