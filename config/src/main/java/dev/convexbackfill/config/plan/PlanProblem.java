package dev.convexbackfill.config.plan;

/**
 * Something wrong with a plan.
 *
 * @param line    from 1; 0 if it concerns the whole file
 * @param key     where, as in {@code transform[0].split.into}; empty if it concerns the whole file
 * @param message what is wrong, and what would be right
 */
public record PlanProblem(int line, String key, String message) {

    /** As one line after the file's name. */
    @Override
    public String toString() {
        return (line == 0 ? "" : line + ": ") + (key.isEmpty() ? "" : key + ": ") + message;
    }
}
