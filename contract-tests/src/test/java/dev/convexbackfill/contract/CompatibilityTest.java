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
package dev.convexbackfill.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.testsupport.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/compatibility.md} claims nothing that no test says, and leaves nothing out that is served. */
class CompatibilityTest {

    private static final Path ROOT = Repository.root();
    private static final CompatibilityTable DOCUMENT = CompatibilityTable
            .parse(SourceTree.read(ROOT.resolve("docs/compatibility.md")));

    private static final Pattern ROUTE = Pattern.compile("\"((?:GET|POST|PUT) /api/[^\"]*)\"");
    private static final Pattern SYSCALL = Pattern.compile("(?<!startsWith\\()\"(1\\.0/[^\"]+)\"");
    private static final Pattern SYSTEM_FUNCTION = Pattern.compile("\"(_system/[^\"]+?)(?::default)?\"");
    private static final Pattern ERROR_CODE = Pattern.compile(
            "(?:RefusedException|RefusedVariableException|InvalidSchemaException)\\(\\s*(?:\\d+,\\s*)?\"([A-Z]\\w+)\"");

    @Test
    void everythingThatIsCalledTheSameHasATest() {
        assertThat(DOCUMENT.problems(TestNames.below(ROOT))).isEmpty();
    }

    @Test
    void everyRouteSyscallSystemFunctionAndErrorCodeIsNamed() {
        for (Pattern pattern : List.of(ROUTE, SYSCALL, SYSTEM_FUNCTION, ERROR_CODE)) {
            assertThat(DOCUMENT.missing(served(pattern))).as("what docs/compatibility.md has no row of").isEmpty();
        }
    }

    private static Set<String> served(Pattern name) {
        Set<String> served = new TreeSet<>();
        for (String module : List.of("convex-local", "convex-local-javascript")) {
            Path sources = ROOT.resolve(module).resolve("src/main/java");
            if (Files.isDirectory(sources)) {
                SourceTree.files(sources, ".java").forEach(file -> name.matcher(SourceTree.read(file)).results()
                        .forEach(found -> served.add(found.group(1))));
            }
        }
        return served;
    }

    @Test
    void findsWhatIsWrongWithATable() {
        CompatibilityTable table = CompatibilityTable.parse("""
                # Sample
                | Convex | Here | How it differs | Tests |
                |---|---|---|---|
                | `a` | same | | `ATest.works`, `a.test.ts: works, too` |
                | `b` | same | | |
                | `c` | same | | `ATest.gone` |
                | `d` | same | | ATest.works |
                | `e` | nearly | | `ATest.works` |
                | `f` | different | | |
                | `g` | different | in a way | `a.test.ts: gone` |
                | `h` | not there | |
                | `i \\| j` | not there | | |
                """);

        assertThat(table.problems(Set.of("ATest.works", "a.test.ts: works, too"))).containsExactlyInAnyOrder(
                "line 5: 'same' needs a test that says so",
                "line 6: there is no test 'ATest.gone'",
                "line 7: the names of tests are written as code",
                "line 7: 'same' needs a test that says so",
                "line 8: 'nearly' is none of 'same', 'different' and 'not there'",
                "line 9: 'different' must say how",
                "line 10: there is no test 'a.test.ts: gone'",
                "line 11: a row has 4 cells");
        assertThat(table.missing(Set.of("a", "i | j", "z", "h"))).containsExactly("h", "z");
        assertThat(CompatibilityTable.parse("| a |").problems(Set.of())).contains("there are no rows");
    }

    @Test
    void findsTestsInSourceCode() {
        assertThat(TestNames.inJava("""
                class ATest {
                    @Test
                    void works() throws Exception {
                        helper();
                    }

                    private void helper() {}

                    @ParameterizedTest
                    @CsvSource(delimiter = '|', value = {
                            "void notThis() | {",
                    })
                    void worksAgain(String text) {}

                    @Disabled
                    @Test
                    void off() {}
                }
                """)).containsExactly("works", "worksAgain");
        assertThat(TestNames.inTypeScript("""
                describe("a group", () => {
                  test("works", async () => {
                    call("no title", () => {});
                  });
                  test.each([["x", f("y")]])("works with %s", async (_, value) => {});
                  test.skipIf(isOld)("works, \\"today\\"", () => {});
                  test(
                    "works over lines",
                    async () => {},
                  );
                  test.skip("off", () => {});
                });
                """)).containsExactly("works", "works with %s", "works, \"today\"", "works over lines");
    }
}
