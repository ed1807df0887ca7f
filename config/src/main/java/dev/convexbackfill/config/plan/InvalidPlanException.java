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
