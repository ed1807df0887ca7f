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
import dev.convexbackfill.readerswriters.transform.StepResult;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions that mean harm, or are only wrong, harm nothing but their own document. */
class HostileFunctionTest {

    private static final TestFunctions FUNCTIONS = new TestFunctions();
    private static final ConvexObject EVIL = document("\"evil\":true");
    private static final ConvexObject GOOD = document("\"evil\":false");
    private static final String GOOD_AFTER = TestFunctions.text(new StepResult.Transformed(
            document("\"evil\":false,\"done\":\"yes\"")));

    @AfterAll
    static void close() {
        FUNCTIONS.close();
    }

    /** Two good documents around an evil one: only that fails. */
    private static String messageOfTheEvil(String attack) {
        List<String> results = FUNCTIONS
                .apply("(doc) => { if (doc.evil) { %s }; return { done: 'yes' }; }".formatted(attack), GOOD, EVIL, GOOD)
                .stream().map(TestFunctions::text).toList();
        assertThat(results).hasSize(3);
        assertThat(results.get(0)).isEqualTo(GOOD_AFTER);
        assertThat(results.get(2)).isEqualTo(GOOD_AFTER);
        assertThat(results.get(1)).startsWith("javascript: migrateOne: ");
        return results.get(1).substring("javascript: migrateOne: ".length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"for (;;);", "for (;;) { try { for (;;); } catch {} finally { continue; } }",
            "/^(x+x+)+\\1y$/.test('x'.repeat(60));", "while (true) new Error('x').stack;",
            "return { get a() { for (;;); } };", "return new Proxy({}, { ownKeys() { for (;;); } });",
            "throw { toString() { for (;;); }, toJSON() { for (;;); } };",
            "return { then(resolve) { resolve({ then(again) { for (;;); } }); } };",
            "return (async () => { for (;;) await null; })();",
            "const again = () => Promise.resolve().then(again); return again();",
            "Promise.reject(1); const again = () => Promise.resolve().then(again); again();"})
    void whatTakesTooLongIsEnded(String attack) {
        // which limit comes first depends on the machine
        assertThat(messageOfTheEvil(attack)).matches(
                "Function execution timed out \\(maximum duration: 500ms\\)|JavaScript execution ran out of memory .*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"const all = []; for (;;) all.push(new Array(1000).fill(all.length));",
            "const all = []; for (;;) all.push('x'.repeat(1 << 20) + all.length);",
            "const all = []; for (;;) all.push(new ArrayBuffer(1 << 20));",
            "let o = {}; for (;;) o = { a: o, b: o };", "return { a: new Array(1e9).fill(0) };",
            "const m = new Map(); for (let i = 0; ; i++) m.set(i, 'value ' + i);"})
    void whatTakesTooMuchMemoryIsEnded(String attack) {
        // which limit comes first depends on the machine
        assertThat(messageOfTheEvil(attack))
                .matches("(?s)(JavaScript execution ran out of memory|Function execution timed out).*");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "const down = (n) => down(n + 1) + 1; down(0);          | RangeError: Maximum call stack size exceeded",
            "JSON.parse('['.repeat(200000));                        | RangeError: Cannot parse JSON",
            "'x'.repeat(2 ** 28);                                   | RangeError: Invalid string length",
            "new ArrayBuffer(2 ** 31 - 8);                          | RangeError: ",
            "2n ** 4000000000n;                                     | RangeError: Maximum BigInt size exceeded",
            "new Array(-1);                                         | RangeError: ",
            "let o = {}; for (let i = 0; i < 99; i++) o = { o }; return o; | it returned no Convex value: 'o.o."})
    void whatIsTooLargeIsRefused(String attack, String message) {
        assertThat(messageOfTheEvil(attack)).startsWith(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"return import('fs');", "return import('file:///etc/passwd');",
            "return import('/etc/passwd');",
            "return import('data:text/javascript,export default 1');", "require('fs');", "fetch('http://127.0.0.1/');",
            "Java.type('java.lang.System').exit(1);", "Polyglot.eval('js', '1');", "load('/etc/passwd');",
            "process.exit(1);", "new Worker('x');", "Packages.java.lang.System.exit(1);", "quit();",
            "new SharedArrayBuffer(8);", "Atomics.wait;", "WebAssembly.compile;", "new XMLHttpRequest();",
            "new WeakRef({});", "this.process.exit();"})
    void thereIsNoWayOut(String attack) {
        assertThat(messageOfTheEvil(attack)).matches("(ReferenceError|TypeError|Error): .*");
    }

    /** Globals are frozen: it fails, or has no effect. The next document finds nothing of it. */
    @ParameterizedTest
    @ValueSource(strings = {"Object.prototype.done = 'no';", "Object.prototype.toJSON = () => 'no';",
            "Object.defineProperty(Object.prototype, 'done', { set() {}, get() { return 'no'; } });",
            "Array.prototype.push = () => { throw 'no'; };", "Array.prototype[0] = 'no';",
            "JSON.stringify = () => 'no';",
            "globalThis.leak = doc;", "globalThis.JSON = null;", "delete globalThis.Object;",
            "Promise.prototype.then = null;",
            "Date.now = () => 5;", "Math.random = () => 0;", "String.prototype.slice = null;",
            "Object.getPrototypeOf(async function () {}).constructor = null; Object.getPrototypeOf(function* () {}).x = 1;",
            "Object.setPrototypeOf(Array.prototype, null);", "Symbol.prototype.x = 1;", "Error.stackTraceLimit = 0;",
            "Error.prepareStackTrace = () => 'no';", "console.log = () => { throw 'no'; };",
            "RegExp.prototype.exec = null;", "URL.prototype.toString = null;",
            "Object.assign(Function.prototype, { call: null });",
            "leak = 1;", "({}).__proto__.polluted = 1;", "doc.constructor.prototype.polluted = 1;",
            "Reflect.apply = null;", "Object.prototype.hasOwnProperty = null;"})
    void globalsStayAsTheyAre(String attack) {
        assertThat(messageOfTheEvil(attack)).matches("(ReferenceError|TypeError): .*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"JSON.parse('{\"__proto__\":{\"done\":1}}')", "{ ...doc, ['__proto__']: null }"})
    void prototypesAreNoFields(String patch) {
        assertThat(messageOfTheEvil("return " + patch + ";")).startsWith("it changes '__proto__'");
    }

    /** What ordinary code does stays possible. */
    @ParameterizedTest
    @ValueSource(strings = {"class Own extends Error { constructor() { super('x'); this.name = 'Own'; } }; new Own();",
            "const o = {}; o.toString = () => 'mine'; if (`${o}` !== 'mine') throw 1;",
            "function F() {}; F.prototype = { constructor: F }; F.prototype.hasOwnProperty = null; new F();",
            "const e = new TypeError('x'); e.message = 'y'; if (e.message !== 'y') throw 1;",
            "const a = []; a.push(1); a[5] = 5;", "Function('return 1')();", "new URL('https://a.b/c').host;",
            "structuredClone(doc); btoa('x'); new TextEncoder().encode('x'); console.log('x');"})
    void ordinaryCodeIsNotHindered(String code) {
        assertThat(TestFunctions.text(FUNCTIONS.apply("(doc) => { %s return { done: 'yes' }; }".formatted(code), GOOD)
                .getFirst())).isEqualTo(GOOD_AFTER);
    }

    /** Nothing can stop work of the engine's own: the run goes on without it. */
    @Test
    void whatCantBeStoppedIsLeftBehind() {
        assertThat(messageOfTheEvil("`${3n ** 20000000n}`;"))
                .matches("(JavaScript execution ran out of memory|Function execution timed out) .*");
    }

    @Test
    void aModuleThatNeverLoadsFailsItsDocument() {
        try (ChunkTransform transform = FUNCTIONS.open("for (;;); export const migrateOne = () => null;")) {
            assertThat(TestFunctions.text(transform.apply(List.of(GOOD)).getFirst())).startsWith(
                    "javascript: migrateOne: Function execution timed out");
        }
    }

    @Test
    void noDocumentSeesAnother() {
        assertThat(FUNCTIONS.open("""
                let calls = 0;
                const cache = [];
                export function migrateOne(doc) {
                  cache.push(doc);
                  /(e.il)/.test("evil");
                  return { calls: ++calls, cached: cache.length, last: String(RegExp.$1) };
                }
                """).apply(List.of(GOOD, GOOD, EVIL)).stream().map(TestFunctions::text))
                .allMatch(after -> after.contains("\"cached\":1") && after.contains("\"calls\":1"))
                .allMatch(after -> after.contains("\"last\":\"undefined\""));
    }

    /** The same for a document, whatever was before it, on whatever context, whenever. */
    @Test
    void timeAndChanceAreThoseOfTheDocument() {
        String function = """
                (doc) => ({ random: [Math.random(), Math.random()], now: Date.now(), date: new Date().toISOString(),
                  text: Date(), zone: new Date(0).getTimezoneOffset(), intl: new Intl.DateTimeFormat("en-US").format(),
                  parts: new Intl.DateTimeFormat("en-US").formatToParts().length })""";
        ConvexObject other = ConvexObject.builder().put("_id", "doc2").put("_creationTime", 1.5).build();

        List<String> first = FUNCTIONS.apply(function, GOOD, other).stream().map(TestFunctions::text).toList();
        List<String> second = FUNCTIONS.apply(function, other, other, GOOD).stream().map(TestFunctions::text).toList();

        assertThat(second).containsExactly(first.get(1), first.get(1), first.get(0));
        assertThat(first.get(0)).contains("\"date\":\"2026-03-01T12:00:00.000Z\"", "\"intl\":\"3/1/2026\"",
                "\"zone\":0");
        assertThat(first.get(0).replaceAll(".*\"random\":\\[([^]]*)].*", "$1"))
                .isNotEqualTo(first.get(1).replaceAll(".*\"random\":\\[([^]]*)].*", "$1"));
    }
}
