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
package dev.convexbackfill.config.plan;

import java.util.List;
import java.util.stream.Collectors;

/** A plan with everything that is wrong with it. */
public final class InvalidPlanException extends RuntimeException {

    private final transient List<PlanProblem> problems;

    InvalidPlanException(String file, List<PlanProblem> problems) {
        super(problems.stream().map(problem -> file + ":" + (problem.line() == 0 ? " " : "") + problem)
                .collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** In the order of lines. */
    public List<PlanProblem> problems() {
        return problems;
    }
}
