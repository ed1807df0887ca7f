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
package dev.convexbackfill.javascript.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.config.plan.Code;
import dev.convexbackfill.config.plan.InvalidCodeException;
import dev.convexbackfill.config.plan.TransformSpec.JavaScript;
import dev.convexbackfill.readerswriters.transform.ChunkTransform;
import dev.convexbackfill.testsupport.NodeProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of code beside a plan. */
class CodeFileTest {

    private static final TestFunctions FUNCTIONS = new TestFunctions();

    @TempDir
    private Path folder;

    @AfterAll
    static void close() {
        FUNCTIONS.close();
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(folder.resolve(file), text);
    }

    private Code read(String file) {
        return FUNCTIONS.engine().read(folder, file, "migrateOne");
    }

    private String result(String file, Code code) {
        try (ChunkTransform transform = FUNCTIONS.engine().open(new JavaScript(file, "migrateOne", code),
                TestFunctions.NOW)) {
            return TestFunctions.text(transform.apply(List.of(TestFunctions.document("\"name\":\"Ada\""))).getFirst());
        }
    }

    @Test
    void aFileIsTakenAsItIs() throws IOException {
        String text = "// a comment\nexport const migrateOne = () => ({ a: 1 });\n";
        write("migrate.js", text);

        assertThat(read("./migrate.js")).isEqualTo(new Code(text, null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "export const migrateOne = (doc) => {\\n  return { a: 1 ;\\n} | SyntaxError: migrate.js:2:16 Expected",
            "function migrateOne(doc) {\\n  return {{ a: 1 };\\n}          | SyntaxError: migrate.js:2:",
            "export const other = 1, another = 2;                          | migrate.js has no function 'migrateOne'; it exports another, other",
            "export const migrateOne = 5;                                  | migrate.js has no function 'migrateOne'; it exports migrateOne",
            "module.exports = {};                                          | migrate.js has no function 'migrateOne'; export it",
            "\\nnone.such();\\nexport function migrateOne() {}             | ReferenceError: none is not defined (migrate.js:2)",
            "for (;;); export function migrateOne() {}                     | it can't be loaded: Function execution timed out"})
    void whatIsWrongWithItIsSaid(String text, String message) throws IOException {
        write("migrate.js", text.replace("\\n", "\n"));

        assertThatThrownBy(() -> read("./migrate.js")).isInstanceOf(InvalidCodeException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void aFileThatIsNotThereIsSaidSo() {
        assertThatThrownBy(() -> read("./migrate.js")).isInstanceOf(InvalidCodeException.class)
                .hasMessageStartingWith("there is no file '").hasMessageEndingWith("migrate.js'");
    }

    @Test
    void aFileThatRequiresAnotherMayAssignToItsExports() throws IOException {
        Files.createSymbolicLink(folder.resolve("node_modules"),
                NodeProject.in("convex", "functions of plans that require others").folder().resolve("node_modules"));
        write("names.js", "exports.shout = (name) => name.toUpperCase();\n");
        write("migrate.js", """
                const { shout } = require("./names");
                module.exports = { migrateOne: (doc) => ({ name: shout(doc.name) }) };
                """);

        assertThat(result("./migrate.js", read("./migrate.js"))).contains("\"name\":\"ADA\"");
    }

    @Test
    void typeScriptAndImportsAreBundled() throws IOException {
        Files.createSymbolicLink(folder.resolve("node_modules"),
                NodeProject.in("convex", "functions of plans in TypeScript").folder().resolve("node_modules"));
        write("names.ts", "export const shout = (name: string): string => name.toUpperCase();\n");
        write("migrate.ts", """
                import { shout } from "./names";

                interface User {
                  name: string;
                }

                export function migrateOne(doc: User): Partial<User> {
                  if (doc.name === "Ada") {
                    return { name: shout(doc.name) };
                  }
                  return {};
                }
                """);
        write("throws.mjs", """
                import { shout } from "./names";
                // not on the first line
                export const migrateOne = (doc) => {
                  return shout(doc.none);
                };
                """);
        write("broken.ts", "export const migrateOne = () => {\n  return { a: 1 ;\n};\n");
        write("missing.ts", "import './none';\nexport const migrateOne = () => null;\n");

        Code code = read("./migrate.ts");

        assertThat(code.text()).doesNotContain(folder.toString(), "//");
        assertThat(code.sourceMap()).doesNotContain(folder.toString());
        assertThat(result("./migrate.ts", code)).contains("\"name\":\"ADA\"");
        assertThat(result("./throws.mjs", read("./throws.mjs")))
                .isEqualTo(
                        "javascript: migrateOne: TypeError: Cannot read property 'toUpperCase' of undefined (names.ts:1)");
        assertThatThrownBy(() -> read("./broken.ts")).hasMessageStartingWith("can't be bundled: broken.ts:2:");
        assertThatThrownBy(() -> read("./missing.ts"))
                .hasMessageStartingWith("can't be bundled: missing.ts:1:7: Could not resolve \"./none\"");
    }
}
