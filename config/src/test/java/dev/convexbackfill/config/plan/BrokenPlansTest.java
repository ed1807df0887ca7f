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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What people mistype is told with its line, its key and what is allowed; all of a file at once. */
class BrokenPlansTest {

    private static final String HEAD = "apiVersion: backfill/v1\nname: example\ntable: users\n";
    private static final String PLAN = HEAD + "transform:\n  - drop: [old]\n";

    static List<BrokenPlan> plans() {
        return BrokenPlan.all();
    }

    private static List<String> problems(String plan) {
        InvalidPlanException invalid = catchThrowableOfType(InvalidPlanException.class,
                () -> PlanParser.parse("plan.yaml", plan));
        return invalid == null ? List.of() : invalid.problems().stream().map(PlanProblem::toString).toList();
    }

    @ParameterizedTest
    @MethodSource("plans")
    void saysWhatIsWrong(BrokenPlan plan) {
        assertThat(problems(plan.text())).isEqualTo(plan.problems());
    }

    @Test
    void thereAreManyAndSomeHaveManyProblems() {
        assertThat(plans()).hasSizeGreaterThanOrEqualTo(60);
        assertThat(plans().stream().filter(plan -> plan.problems().size() >= 4)).hasSizeGreaterThanOrEqualTo(4);
        assertThat(plans()).extracting(BrokenPlan::title).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("textsThatNoFileShouldHold")
    void filesThatAreNoTextOfAPlanAreRefusedSoonAndInOneLine(String plan, String problem) {
        assertThatThrownBy(() -> PlanParser.parse("plan.yaml", plan)).isInstanceOf(InvalidPlanException.class)
                .hasMessage("plan.yaml:" + problem);
    }

    static Stream<Arguments> textsThatNoFileShouldHold() {
        String deep = PLAN + "functions: ";
        String laughs = HEAD + "transform:\n  - set:\n      field: a\n      value:\n        - &a0 [lol, lol]\n"
                + IntStream.range(1, 16).mapToObj(
                        i -> "        - &a%d [%s]".formatted(i, ("*a" + (i - 1) + ", ").repeat(9) + "x"))
                        .collect(Collectors.joining("\n"));
        return Stream.of(
                Arguments.of(PLAN + "# " + "x".repeat(10 << 20),
                        " is too large for a plan: it has 10485840 characters, and 1048576 are allowed"),
                Arguments.of(deep + "[".repeat(100_000), "6: is nested more than 64 levels deep"),
                Arguments.of(deep + "{a: ".repeat(100_000), "6: is nested more than 64 levels deep"),
                Arguments.of(deep + "\n  " + "- ".repeat(500), "7: is nested more than 64 levels deep"),
                Arguments.of(laughs, IntStream.range(1, 16)
                        .mapToObj(
                                i -> "%d: a plan takes no aliases such as '*a%d'; write the value out".formatted(8 + i,
                                        i - 1))
                        .collect(Collectors.joining("\nplan.yaml:"))),
                Arguments.of(PLAN + "functions: \"\u0000\"\n",
                        " is not valid YAML: special characters are not allowed"),
                Arguments.of("\u0000\u0001\u0002PK\u0003\u0004",
                        " is not valid YAML: special characters are not allowed"));
    }

    @ParameterizedTest
    @MethodSource("otherFormsOfAPlan")
    void whatIsOnlyWrittenInAnotherWayIsRight(String plan) {
        assertThat(problems(plan)).isEmpty();
        assertThat(PlanParser.parse("plan.yaml", plan).digest())
                .isEqualTo(PlanParser.parse("plan.yaml", PLAN).digest());
    }

    static Stream<String> otherFormsOfAPlan() {
        return Stream.of(
                "\uFEFF" + PLAN,
                PLAN.replace("\n", "\r\n"),
                "---\n" + PLAN + "...\n",
                "%YAML 1.2\n---\n" + PLAN,
                """
                        { "apiVersion": "backfill/v1", "name": "example", "table": "users",
                          "transform": [ { "drop": ["old"] } ] }
                        """,
                PLAN.replace("users", "!!str users"),
                PLAN.stripTrailing());
    }
}
