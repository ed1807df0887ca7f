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

import static dev.convexbackfill.javascript.transform.TestFunctions.document;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.readerswriters.transform.ChunkTransform;
import dev.convexbackfill.readerswriters.transform.FieldsRead;
import dev.convexbackfill.readerswriters.transform.StepResult;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What functions of plans get and may return. */
class FunctionTransformTest {

    private static final TestFunctions FUNCTIONS = new TestFunctions();
    private static final String LARGEST = "{\"$integer\":\"/////////38=\"}";
    private static final String SMALLEST = "{\"$integer\":\"AAAAAAAAAIA=\"}";

    @AfterAll
    static void close() {
        FUNCTIONS.close();
    }

    /** The value comes and goes unchanged, and is what JavaScript calls so. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "null                                       | object    | v === null",
            "true                                       | boolean   | v === true",
            "1.5                                        | number    | v === 1.5",
            "1e300                                      | number    | v === 1e300",
            "5e-324                                     | number    | v === Number.MIN_VALUE",
            "{\"$float\":\"AAAAAAAAAIA=\"}              | number    | Object.is(v, -0)",
            "{\"$float\":\"AAAAAAAA+H8=\"}              | number    | Number.isNaN(v)",
            "{\"$float\":\"AAAAAAAA8P8=\"}              | number    | v === -Infinity",
            LARGEST + "                                 | bigint    | v === 9223372036854775807n",
            SMALLEST + "                                | bigint    | v === -9223372036854775808n",
            "\"\"                                       | string    | v === ''",
            "\"a\\u0301 \\u05d0 \\ud83d\\ude00\"        | string    | v === 'a\\u0301 \\u05d0 \\u{1f600}'",
            "{\"$bytes\":\"\"}                          | object    | v instanceof ArrayBuffer && v.byteLength === 0",
            "{\"$bytes\":\"AP+A\"}                      | object    | [...new Uint8Array(v)].join() === '0,255,128'",
            "[]                                         | object    | Array.isArray(v) && v.length === 0",
            "[1.0,[{\"a\":" + LARGEST + "}]]            | object    | v[1][0].a > 2n ** 62n",
            "{}                                         | object    | Object.keys(v).length === 0",
            "{\"__proto__\":{\"a\":1.0},\"constructor\":2.0} | object | Object.keys(v).join() === '__proto__,constructor'",
            "{\"\":{\"$bytes\":\"AAAA\"}}               | object    | v[''].byteLength === 3"})
    void valuesAreThoseOfConvex(String json, String type, String check) {
        ConvexObject before = document("\"v\":" + json.strip());

        String after = FUNCTIONS.result("({ v }) => ({ copy: v, type: typeof v, holds: " + check + " })", before);

        ConvexObject expected = document(
                "\"v\":%s,\"copy\":%s,\"type\":\"%s\",\"holds\":true".formatted(json.strip(), json.strip(), type));
        assertThat(after).isEqualTo(TestFunctions
                .text(new StepResult.Transformed(expected)));
    }

    /** Patches are shallow, as those of Convex's migrations. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "() => undefined                              | \"a\":1.0,\"o\":{\"x\":1.0,\"y\":2.0}",
            "() => null                                   | \"a\":1.0,\"o\":{\"x\":1.0,\"y\":2.0}",
            "() => {}                                     | \"a\":1.0,\"o\":{\"x\":1.0,\"y\":2.0}",
            "() => ({})                                   | \"a\":1.0,\"o\":{\"x\":1.0,\"y\":2.0}",
            "() => ({ b: 'new' })                         | \"a\":1.0,\"b\":\"new\",\"o\":{\"x\":1.0,\"y\":2.0}",
            "() => ({ a: undefined })                     | \"o\":{\"x\":1.0,\"y\":2.0}",
            "() => ({ none: undefined })                  | \"a\":1.0,\"o\":{\"x\":1.0,\"y\":2.0}",
            "() => ({ o: { x: 3 } })                      | \"a\":1.0,\"o\":{\"x\":3.0}",
            "() => ({ o: { x: undefined, z: 1 } })        | \"a\":1.0,\"o\":{\"z\":1.0}",
            "(doc) => ({ ...doc, a: doc.a + 1 })          | \"a\":2.0,\"o\":{\"x\":1.0,\"y\":2.0}",
            "(doc) => { doc.a = 9; delete doc.o; }        | \"a\":1.0,\"o\":{\"x\":1.0,\"y\":2.0}",
            "async (doc) => ({ a: await doc.a })          | \"a\":1.0,\"o\":{\"x\":1.0,\"y\":2.0}",
            "async () => { for (let i = 0; i < 99; i++) await null; return { a: 2 }; } | \"a\":2.0,\"o\":{\"x\":1.0,\"y\":2.0}",
            "() => Object.assign(Object.create(null), { a: 2 }) | \"a\":2.0,\"o\":{\"x\":1.0,\"y\":2.0}",
            "() => ({ ['__proto__']: { a: 1 } })          | refused"})
    void patchesAreShallow(String function, String expected) {
        String after = FUNCTIONS.result(function, document("\"a\":1.0,\"o\":{\"x\":1.0,\"y\":2.0}"));

        if (expected.equals("refused")) {
            assertThat(after)
                    .isEqualTo("javascript: migrateOne: it changes '__proto__': names that begin with '_' belong"
                            + " to Convex");
        } else {
            assertThat(after).isEqualTo(TestFunctions.text(
                    new StepResult.Transformed(document(expected))));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "() => 5                        | it must return an object of fields, null or undefined, not a number",
            "() => []                       | it must return an object of fields, null or undefined, not an array",
            "() => new Map()                | it must return an object of fields, null or undefined, not a Map",
            "() => ({ a: new Date(0) })     | it returned no Convex value: 'a' is a Date",
            "() => ({ a: { b: [new Set()] } }) | it returned no Convex value: 'a.b[0]' is a Set",
            "() => ({ a: () => 1 })         | it returned no Convex value: 'a' is a function",
            "() => ({ a: Symbol.iterator }) | it returned no Convex value: 'a' is a symbol",
            "() => ({ a: [undefined] })     | it returned no Convex value: 'a[0]' is undefined",
            "() => ({ a: [, 1] })           | it returned no Convex value: 'a[0]' is undefined",
            "() => ({ a: new Uint8Array(2) }) | it returned no Convex value: 'a' is a Uint8Array",
            "() => ({ a: 2n ** 63n })       | it returned no Convex value: 'a' is a BigInt of more than 64 bits",
            "() => ({ a: '\\ud800' })       | it returned no Convex value: The string has a lone surrogate at index 0, which is not valid Unicode",
            "() => ({ a: { $b: 1 } })       | it returned no Convex value: 'a.$b' begins with '$', which Convex reserves",
            "() => ({ a: { $integer: 'AAAAAAAAAAA=' } }) | it returned no Convex value: 'a.$integer' begins with '$', which Convex reserves",
            "() => ({ 'ä': 1 })             | it returned no Convex value: The field name 'ä' has the character U+00E4; Convex takes only printable ASCII",
            "() => { const o = {}; o.o = o; return { o }; } | it returned no Convex value: 'o",
            "() => ({ a: new Array(8193).fill(1) }) | it returned no Convex value: Array length is too long (8193 > maximum length 8192)",
            "() => ({ _id: 'other' })       | it changes '_id': names that begin with '_' belong to Convex",
            "() => ({ _id: undefined })     | it removes '_id', which belongs to Convex",
            "() => ({ _creationTime: 5 })   | it changes '_creationTime': names that begin with '_' belong to Convex",
            "() => ({ _mine: 5 })           | it changes '_mine': names that begin with '_' belong to Convex",
            "(doc) => doc.none.deeper       | TypeError: Cannot read property 'deeper' of undefined (migrate.js:1)",
            "() => { throw new Error('no\\0pe') } | Error: nope (migrate.js:1)",
            "() => { throw { code: 7 } }    | it threw {\"code\":7}",
            "async () => { throw new RangeError('later') } | RangeError: later (migrate.js:1)",
            "() => new Promise(() => {})    | the promise that it returned is never settled",
            "() => setTimeout(() => 1, 5)   | ReferenceError: setTimeout is not defined (migrate.js:1)"})
    void whatIsNoPatchFailsTheDocument(String function, String message) {
        assertThat(FUNCTIONS.result(function, document(""))).startsWith("javascript: migrateOne: " + message);
    }

    @Test
    void errorsAreTracedToTheirLine() {
        try (ChunkTransform transform = FUNCTIONS.open("""
                function deeper(doc) {
                  return doc.profile.name;
                }
                // declared, and not exported
                function migrateOne(doc) {
                  return { name: deeper(doc) };
                }
                """)) {
            assertThat(TestFunctions.text(transform.apply(List.of(document(""))).getFirst()))
                    .isEqualTo(
                            "javascript: migrateOne: TypeError: Cannot read property 'name' of undefined (migrate.js:2)");
            assertThat(transform.reads()).isEqualTo(FieldsRead.ALL);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"export function migrateOne() { return { a: 1 } }",
            "const migrateOne = () => ({ a: 1 }); export { migrateOne };",
            "module.exports = { migrateOne: () => ({ a: 1 }) };", "exports.migrateOne = () => ({ a: 1 });",
            "function migrateOne() { return { a: 1 } }", "const migrateOne = async () => ({ a: 1 })",
            "let calls = 0; export const migrateOne = () => ({ a: ++calls });",
            "let calls = 0; const migrateOne = () => ({ a: ++calls });"})
    void theFunctionMayBeExportedOrDeclared(String code) {
        try (ChunkTransform transform = FUNCTIONS.open(code)) {
            assertThat(transform.apply(List.of(document(""), document(""))).stream().map(TestFunctions::text))
                    .allMatch(after -> after.contains("\"a\":1"));
        }
    }

    @Test
    void documentsOfAChunkKeepTheirOrder() {
        ConvexObject[] documents = IntStream.range(0, 500).mapToObj(n -> document("\"n\":" + n))
                .toArray(ConvexObject[]::new);

        assertThat(FUNCTIONS.apply("({ n }) => { if (n % 100 === 7) throw 'odd'; return { n: n * 2 }; }", documents)
                .stream().map(TestFunctions::text).toList())
                .isEqualTo(IntStream.range(0, 500).mapToObj(n -> n % 100 == 7 ? "javascript: migrateOne: it threw odd"
                        : TestFunctions.text(new StepResult.Transformed(
                                document("\"n\":" + n * 2))))
                        .toList());
    }
}
