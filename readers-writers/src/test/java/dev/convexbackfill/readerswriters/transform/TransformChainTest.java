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
package dev.convexbackfill.readerswriters.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Change;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Failed;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Gone;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Patch;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Unchanged;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransformChainTest {

    private static TransformChain chain(String steps) {
        return TransformChain.of(PlanParser.parse("plan.yaml",
                "apiVersion: backfill/v1\nname: x\ntable: t\ntransform:\n" + steps.indent(2)).steps());
    }

    private static ConvexObject document(String json) {
        return ((ConvexObject) ConvexJson.decode(json)).with("_id",
                dev.convexbackfill.client.value.ConvexValue.of("id1"));
    }

    /** What becomes of a document: "unchanged", "failed: why", or the change as "{set} -unset". */
    private static String outcome(String step, String json) {
        return switch (chain("- " + step).transform(document(json))) {
            case Unchanged _ -> "unchanged";
            case Failed(String _, String message, String _) -> "failed: " + message;
            case Patch patch -> ConvexJson.encodeToString(patch.set())
                    + (patch.unset().isEmpty() ? "" : " -" + patch.unset());
            case Gone other -> throw new AssertionError(other);
            case Change other -> throw new AssertionError(other);
            case DocumentOutcome.Kept kept -> throw new AssertionError(kept);
            case DocumentOutcome.Call other -> throw new AssertionError(other);
        };
    }

    @ParameterizedTest(name = "{1} -> {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            // by a text: the last field takes the rest, or the first
            "split: { from: s, into: [a, b], at: ', ' } | {\"s\":\"Paris, FR\"} | {\"a\":\"Paris\",\"b\":\"FR\"}",
            "split: { from: s, into: [a, b], at: ', ' } | {\"s\":\"A, B, C\"} | {\"a\":\"A\",\"b\":\"B, C\"}",
            "split: { from: s, into: [a, b], at: ', ', remainder: first } | {\"s\":\"A, B, C\"} | {\"a\":\"A, B\",\"b\":\"C\"}",
            "split: { from: s, into: [a, b], at: ',' } | {\"s\":\",\"} | {\"a\":\"\",\"b\":\"\"}",
            "split: { from: s, into: [a, b, c], at: '.' } | {\"s\":\"1.2.3.4\"} | {\"a\":\"1\",\"b\":\"2\",\"c\":\"3.4\"}",
            "split: { from: s, into: [a, b], at: '→' } | {\"s\":\"東京→🗼\"} | {\"a\":\"東京\",\"b\":\"🗼\"}",
            // at white space
            "split: { from: s, into: [a, b], at: whitespace } | {\"s\":\"  Ada \\t Lovelace \"} | {\"a\":\"Ada\",\"b\":\"Lovelace\"}",
            "split: { from: s, into: [a, b], at: whitespace } | {\"s\":\"Ana María de  la Cruz\"} | {\"a\":\"Ana\",\"b\":\"María de  la Cruz\"}",
            "split: { from: s, into: [a, b], at: whitespace } | {\"s\":\"山田\\u3000太郎\"} | {\"a\":\"山田\",\"b\":\"太郎\"}",
            "split: { from: s, into: [a, b], at: whitespace } | {\"s\":\"A\\u00a0B\"} | {\"a\":\"A\",\"b\":\"B\"}",
            "split: { from: s, into: [a, b], at: whitespace } | {\"s\":\"עדה לאבלייס\"} | {\"a\":\"עדה\",\"b\":\"לאבלייס\"}",
            // nothing to split, or not enough
            "split: { from: s, into: [a, b], at: whitespace } | {\"s\":\"Cher\"} | failed: split: 's' has 1 parts for 2 fields",
            "split: { from: s, into: [a, b], at: whitespace } | {\"s\":\"\"} | failed: split: 's' has 0 parts for 2 fields",
            "split: { from: s, into: [a, b], at: whitespace } | {\"s\":5} | failed: split: 's' holds number and no string",
            "split: { from: s, into: [a, b], at: whitespace } | {\"s\":null} | unchanged",
            "split: { from: s, into: [a, b], at: whitespace } | {} | unchanged",
            "split: { from: p.s, into: [p.a, p.b], at: '-' } | {\"p\":{\"s\":\"x-y\",\"k\":1}} | {\"p\":{\"a\":\"x\",\"b\":\"y\",\"k\":1.0,\"s\":\"x-y\"}}",
            "split: { from: s, into: [a, b.c], at: '-' } | {\"s\":\"x-y\",\"b\":7} | failed: split: 'b.c' can't be set: 'b' holds number and no object",
    })
    void splits(String step, String json, String expected) {
        assertThat(outcome(step, json)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{1} -> {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "combine: { template: '{a} ({b})', into: s } | {\"a\":\"x\",\"b\":5} | {\"s\":\"x (5)\"}",
            "combine: { template: '{a}', into: s } | {\"a\":1e21} | {\"s\":\"1e+21\"}",
            "combine: { template: '{a}', into: s } | {\"a\":{\"$integer\":\"BQAAAAAAAAA=\"}} | {\"s\":\"5\"}",
            "combine: { template: '{a}', into: s } | {\"a\":true} | {\"s\":\"true\"}",
            "combine: { template: '{a}', into: s } | {} | failed: combine: 'a' is missing",
            "combine: { template: '{a}', into: s } | {\"a\":null} | failed: combine: 'a' holds null, which has no text",
            "combine: { template: '{a}', into: s } | {\"a\":[]} | failed: combine: 'a' holds array, which has no text",
            "combine: { template: '{a}', into: s } | {\"a\":\"x\",\"s\":\"x\"} | unchanged",
            "rename: { from: a, to: b } | {\"a\":1} | {\"b\":1.0} -[a]",
            "rename: { from: a, to: b } | {\"a\":null} | {\"b\":null} -[a]",
            "rename: { from: a, to: b } | {} | unchanged",
            "rename: { from: a, to: b } | {\"b\":2} | unchanged",
            "rename: { from: a, to: b } | {\"a\":1,\"b\":1} | {} -[a]",
            "rename: { from: a, to: b } | {\"a\":1,\"b\":2} | failed: rename: 'a' can't become 'b', which the document has with another value",
            "rename: { from: a.b, to: c.d } | {\"a\":{\"b\":1,\"x\":2}} | {\"a\":{\"x\":2.0},\"c\":{\"d\":1.0}}",
            "default: { field: a, value: 5 } | {} | {\"a\":5.0}",
            "default: { field: a, value: 5 } | {\"a\":null} | unchanged",
            "default: { field: a.b, value: [] } | {\"a\":{}} | {\"a\":{\"b\":[]}}",
            "default: { field: a.b, value: [] } | {\"a\":\"x\"} | failed: default: 'a.b' can't be set: 'a' holds string and no object",
            "drop: [a, b] | {\"a\":1,\"c\":2} | {} -[a]",
            "drop: a.b | {\"a\":{\"b\":1,\"c\":2}} | {\"a\":{\"c\":2.0}}",
            "drop: a.b | {\"a\":5} | unchanged",
            "drop: a | {} | unchanged",
            "set: { field: a, value: { $int64: 5 } } | {\"a\":5} | {\"a\":{\"$integer\":\"BQAAAAAAAAA=\"}}",
            "set: { field: a, value: 0 } | {\"a\":{\"$float\":\"AAAAAAAAAIA=\"}} | {\"a\":0.0}",
            "set: { field: a, value: .nan } | {\"a\":{\"$float\":\"AAAAAAAA+H8=\"}} | unchanged",
            "set: { field: a, value: x } | {\"a\":\"x\"} | unchanged",
            "increment: { field: n } | {\"n\":1} | {\"n\":2.0}",
            "increment: { field: n, by: -3 } | {\"n\":1.5} | {\"n\":-1.5}",
            "increment: { field: n } | {} | {\"n\":1.0}",
            "increment: { field: n } | {\"n\":{\"$integer\":\"/////////38=\"}} | failed: increment: 'n' would exceed 64 bits",
            "increment: { field: n } | {\"n\":{\"$integer\":\"//////////8=\"}} | {\"n\":{\"$integer\":\"AAAAAAAAAAA=\"}}",
            "increment: { field: n } | {\"n\":9007199254740991} | failed: increment: 'n' is too large to be added to exactly",
            "increment: { field: n } | {\"n\":{\"$float\":\"AAAAAAAA+H8=\"}} | failed: increment: 'n' is too large to be added to exactly",
            "increment: { field: n } | {\"n\":\"1\"} | failed: increment: 'n' holds string and no number",
            "increment: { field: n } | {\"n\":null} | failed: increment: 'n' holds null and no number",
    })
    void combinesRenamesDefaultsDropsSetsAndIncrements(String step, String json, String expected) {
        assertThat(outcome(step, json)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} to {1} -> {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "\"2138551\" | number | 2138551.0",
            "\"-0.5e3\" | number | -500.0",
            "\"-0\" | number | {\"$float\":\"AAAAAAAAAIA=\"}",
            "\"9007199254740991\" | number | 9.007199254740991E15",
            "\"9007199254740993\" | number | no",
            "\"12abc\" | number | no",
            "\" 12\" | number | no",
            "\"12,5\" | number | no",
            "\"007\" | number | no",
            "\"+5\" | number | no",
            "\"\" | number | no",
            "\"1e999\" | number | no",
            "\"Infinity\" | number | no",
            "\"NaN\" | number | no",
            "\"١٢\" | number | no",
            "{\"$integer\":\"BQAAAAAAAAA=\"} | number | 5.0",
            "{\"$integer\":\"/////////38=\"} | number | no",
            "5 | number | same",
            "true | number | no",
            "[] | number | no",
            "null | number | same",
            "5 | int64 | {\"$integer\":\"BQAAAAAAAAA=\"}",
            "5.5 | int64 | no",
            "{\"$float\":\"AAAAAAAA+H8=\"} | int64 | no",
            "1e300 | int64 | no",
            "\"9223372036854775807\" | int64 | {\"$integer\":\"/////////38=\"}",
            "\"9223372036854775808\" | int64 | no",
            "\"5.0\" | int64 | no",
            "5 | string | \"5\"",
            "0.1 | string | \"0.1\"",
            "{\"$float\":\"AAAAAAAAAIA=\"} | string | \"0\"",
            "{\"$integer\":\"AAAAAAAAAIA=\"} | string | \"-9223372036854775808\"",
            "false | string | \"false\"",
            "\"x\" | string | same",
            "{\"a\":1} | string | no",
            "\"true\" | boolean | true",
            "\"false\" | boolean | false",
            "\"TRUE\" | boolean | no",
            "\"yes\" | boolean | no",
            "1 | boolean | no",
    })
    void convertsStrictlyWhateverTheLocale(String value, String type, String expected) {
        String outcome = outcome("convert: { field: f, to: " + type + " }", "{\"f\":" + value + "}");

        assertThat(outcome).isEqualTo(switch (expected) {
            case "same" -> "unchanged";
            case "no" -> "failed: convert: 'f' holds %s that is no %s".formatted(ConvexJson.decode(value).typeName(),
                    type);
            default -> "{\"f\":" + expected + "}";
        });
    }

    @ParameterizedTest(name = "{0} of {1} -> {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "copy: { from: a, to: b } | {\"a\":null} | {\"b\":null}",
            "copy: { from: a, to: b } | {\"b\":1} | unchanged",
            "copy: { from: a, to: b } | {\"a\":1,\"b\":2} | {\"b\":1.0}",
            "compute: { field: n, value: 'doc.a + doc.b' } | {\"a\":1,\"b\":2} | {\"n\":3.0}",
            "compute: { field: n, value: 'doc.a + doc.b' } | {\"a\":1} | failed: 'doc.a + doc.b' failed: evaluation error at <input>:11: key 'b' is not present in map.",
            // by a pattern, and what becomes of the rest
            "split: { from: s, into: [a, b], at: { pattern: ' *[;,] *' } } | {\"s\":\"x ; y\"} | {\"a\":\"x\",\"b\":\"y\"}",
            "split: { from: s, into: [a, b], at: '-', remainder: drop } | {\"s\":\"1-2-3\"} | {\"a\":\"1\",\"b\":\"2\"}",
            "split: { from: s, into: [a, b], at: '-', remainder: fail } | {\"s\":\"1-2-3\"} | failed: split: 's' has 3 parts for 2 fields",
            "split: { from: s, into: [a, b], at: whitespace } | {\"s\":\"e\u0301a 👩‍💻\"} | {\"a\":\"e\u0301a\",\"b\":\"👩‍💻\"}",
            // nest and flatten are each other's way back
            "nest: { fields: [bio, city], into: p } | {\"bio\":\"x\",\"city\":null,\"n\":1} | {\"p\":{\"bio\":\"x\",\"city\":null}} -[bio, city]",
            "nest: { fields: { about: bio }, into: p, defaults: { v: 1 } } | {\"bio\":\"x\"} | {\"p\":{\"about\":\"x\",\"v\":1.0}} -[bio]",
            "nest: { fields: [bio], into: p, defaults: { v: 1 } } | {} | {\"p\":{\"v\":1.0}}",
            "nest: { fields: [bio], into: p } | {} | unchanged",
            "nest: { fields: [bio], into: p } | {\"p\":{\"bio\":\"x\"}} | unchanged",
            "nest: { fields: [bio], into: p } | {\"bio\":\"x\",\"p\":{\"bio\":\"y\"}} | failed: nest: 'bio' can't become 'p.bio', which has another value",
            "nest: { fields: [bio], into: p } | {\"bio\":\"x\",\"p\":5} | failed: nest: 'p' holds number and no object",
            "flatten: { from: p, fields: [bio] } | {\"p\":{\"bio\":\"x\"}} | {\"bio\":\"x\"} -[p]",
            "flatten: { from: p, fields: { bio: about.bio } } | {\"p\":{\"bio\":\"x\",\"k\":1}} | {\"about\":{\"bio\":\"x\"},\"p\":{\"k\":1.0}}",
            "flatten: { from: p, fields: [bio], defaults: { bio: none } } | {} | {\"bio\":\"none\"}",
            "flatten: { from: p, fields: [bio], defaults: { bio: none } } | {\"bio\":\"x\"} | unchanged",
            "flatten: { from: p, fields: [bio] } | {\"p\":{\"bio\":\"x\"},\"bio\":\"y\"} | failed: flatten: 'p.bio' can't become 'bio', which the document has with another value",
            "flatten: { from: p, fields: [bio] } | {\"p\":[]} | failed: flatten: 'p' holds array and no object",
            // arrays
            "splitArray: { from: t, at: ',' } | {\"t\":\"a, b ,,c\"} | {\"t\":[\"a\",\"b\",\"c\"]}",
            "splitArray: { from: t, at: ',', keepEmpty: true } | {\"t\":\"a,,\"} | {\"t\":[\"a\",\"\",\"\"]}",
            "splitArray: { from: t, at: ',' } | {\"t\":\"\"} | {\"t\":[]}",
            "splitArray: { from: t, at: ',' } | {\"t\":[\"a,b\"]} | unchanged",
            "splitArray: { from: t, at: ',' } | {\"t\":5} | failed: splitArray: 't' holds number and no string",
            "splitArray: { from: t, at: ',' } | {\"t\":null} | unchanged",
            "unique: { field: t } | {\"t\":[1,{\"$integer\":\"AQAAAAAAAAA=\"},1,0,{\"$float\":\"AAAAAAAAAIA=\"}]} | {\"t\":[1.0,{\"$integer\":\"AQAAAAAAAAA=\"},0.0,{\"$float\":\"AAAAAAAAAIA=\"}]}",
            "unique: { field: t } | {\"t\":\"x\"} | failed: unique: 't' holds string and no array",
            "unique: { field: t } | {} | unchanged",
            "mapArray: { field: t, value: 'it.lowerAscii() + doc.s' } | {\"t\":[\"A\",\"B\"],\"s\":\"!\"} | {\"t\":[\"a!\",\"b!\"]}",
            "mapArray: { field: t, value: 'it * 2.0' } | {\"t\":[]} | unchanged",
    })
    void copiesComputesNestsFlattensAndWorksOnArrays(String step, String json, String expected) {
        assertThat(outcome(step, json)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} of {1} -> {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "email | \" Ada.Lovelace+x@Example.COM \" | \"ada.lovelace+x@example.com\"",
            "email | \"ada\" | no",
            "email | \"ada@@example.com\" | no",
            "email | \"\" | no",
            "phone, region: US | \"(650) 253-0000\" | \"+16502530000\"",
            "phone | \"+33 1 23 45 67 89\" | \"+33123456789\"",
            "phone | \"(650) 253-0000\" | no",
            "phone, region: US | \"12\" | no",
            "phone, region: US | \"call me\" | no",
            "url | \"HTTP://Example.com:80/A?q=1#f\" | \"http://example.com/A?q=1#f\"",
            "url | \"https://bücher.example\" | \"https://xn--bcher-kva.example/\"",
            "url | \"https://[::1]:8443/x\" | same",
            "url | \"ftp://example.com\" | no",
            "url | \"example.com\" | no",
            "url | \"http://user:secret@example.com\" | no",
            "trim | \"\u3000 x y\u00a0\" | \"x y\"",
            "trim | \"\" | same",
            "whitespace | \" a \\t b\" | \"a b\"",
            "lower | \"İSTANBUL\" | \"i̇stanbul\"",
            "upper | \"straße\" | \"STRASSE\"",
            "nfc | \"e\u0301\" | \"é\"",
            "nfkc | \"ﬁ①\" | \"fi1\"",
            "trim | null | same",
            "trim | 5 | failed: normalize: 'f' holds number and no string",
    })
    void normalizes(String form, String value, String expected) {
        String outcome = outcome("normalize: { field: f, as: " + form + " }", "{\"f\":" + value + "}");

        switch (expected) {
            case "same" -> assertThat(outcome).isEqualTo("unchanged");
            case "no" -> assertThat(outcome).startsWith("failed: normalize: 'f' holds a text that is no ");
            default -> assertThat(outcome)
                    .isEqualTo(expected.startsWith("failed") ? expected : "{\"f\":" + expected + "}");
        }
    }

    @ParameterizedTest(name = "{0} of {1} -> {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "timestamp | \"2024-02-29\" | 1.7091648E12",
            "timestamp | \"2024-02-29T10:00:00.500Z\" | 1.7092008005E12",
            "timestamp | \"2024-02-29T10:00+02:00\" | 1.7091936E12",
            "timestamp, zone: America/New_York | \"2024-02-29T10:00\" | 1.7092188E12",
            "timestamp, format: dd.MM.yyyy | \"29.02.2024\" | 1.7091648E12",
            "timestamp, format: 'd MMM uuuu' | \"1 May 1968\" | -5.2704E10",
            "timestamp, format: dd.MM.yyyy | \"30.02.2024\" | no",
            "timestamp | \"2023-02-29\" | no",
            "timestamp | \"yesterday\" | no",
            "timestamp | \"\" | no",
            "timestamp | 5 | same",
            "timestamp | true | no",
            "date | 0 | \"1970-01-01T00:00:00Z\"",
            "date, format: uuuu-MM-dd, zone: Asia/Tokyo | 1709200800500 | \"2024-02-29\"",
            "date | {\"$integer\":\"AAAAAAAAAAA=\"} | \"1970-01-01T00:00:00Z\"",
            "date | 1709200800500.7891 | \"2024-02-29T10:00:00.5Z\"",
            "date | -0.5 | \"1970-01-01T00:00:00Z\"",
            "date | {\"$float\":\"AAAAAAAA8H8=\"} | no",
            "date | {\"$float\":\"AAAAAAAA+H8=\"} | no",
            "date | 1e300 | no",
            "'boolean', yes: ['yes', 'on'], no: ['no', ''] | \"on\" | true",
            "'boolean', yes: ['yes', 'on'], no: ['no', ''] | \"\" | false",
            "'boolean', yes: ['yes', 'on'], no: ['no', ''] | \"true\" | no",
    })
    void convertsTimesAndWords(String type, String value, String expected) {
        String outcome = outcome("convert: { field: f, to: " + type + " }", "{\"f\":" + value + "}");

        switch (expected) {
            case "same" -> assertThat(outcome).isEqualTo("unchanged");
            case "no" -> assertThat(outcome).startsWith("failed: convert: 'f' holds ");
            default -> assertThat(outcome).isEqualTo("{\"f\":" + expected + "}");
        }
    }

    @Test
    void aStepIsForTheDocumentsThatItsConditionIsTrueOf() {
        String step = "set: { field: a, value: 1, when: 'doc.n > 3.0' }";

        assertThat(outcome(step, "{\"n\":5}")).isEqualTo("{\"a\":1.0}");
        assertThat(outcome(step, "{\"n\":3}")).isEqualTo("unchanged");
        assertThat(outcome(step, "{}")).startsWith("failed: 'doc.n > 3.0' failed");
    }

    @Test
    void whatBecomesOfADocumentThatAStepCannotTransformIsThePlansToSay() {
        String convert = "- convert: { field: n, to: number, onError: %s }\n- set: { field: done, value: true }";

        assertThat(chain(convert.formatted("quarantine")).transform(document("{\"n\":\"x\"}")))
                .isEqualTo(new Failed("id1", "convert: 'n' holds string that is no number",
                        InputDigest.of(document("{\"n\":\"x\"}"))));
        assertThat(chain(convert.formatted("keep")).transform(document("{\"n\":\"x\"}")))
                .isInstanceOfSatisfying(Patch.class, patch -> assertThat(patch.set().names()).containsExactly("done"));
        assertThat(chain(convert.formatted("{ default: -1 }")).transform(document("{\"n\":\"x\"}")))
                .isInstanceOfSatisfying(Patch.class, patch -> assertThat(ConvexJson.encodeToString(patch.set()))
                        .isEqualTo("{\"done\":true,\"n\":-1.0}"));
        TransformChain failing = chain(convert.formatted("fail"));
        ConvexObject document = document("{\"n\":\"x\"}");
        assertThatThrownBy(() -> failing.transform(document)).isInstanceOf(RefusedDocumentException.class)
                .hasMessageContaining("Document 'id1'").hasMessageContaining("It was not written");
    }

    @Test
    void aChangeThatMayDependOnEveryFieldExpectsEveryField() {
        assertThat(chain("- compute: { field: n, value: 'size(doc)' }").transform(document("{\"a\":1,\"b\":2}")))
                .isInstanceOfSatisfying(Patch.class, patch -> {
                    assertThat(patch.expect().names()).containsExactly("a", "b");
                    assertThat(patch.absent()).containsExactly("n");
                });
    }

    @Test
    void convertMayKeepTheSource() {
        assertThat(outcome("convert: { field: s, to: number, as: n }", "{\"s\":\"5\"}")).isEqualTo("{\"n\":5.0}");
    }

    @Test
    void stepsSeeWhatThoseBeforeThemMade() {
        TransformChain chain = chain("""
                - split: { from: loc, into: [latitude, longitude], at: "," }
                - convert: { field: latitude, to: number }
                - convert: { field: longitude, to: number }
                - drop: loc
                """);

        assertThat(chain.transform(document("{\"loc\":\"48.85,2.35\",\"name\":\"Paris\"}")))
                .isInstanceOfSatisfying(Patch.class, patch -> {
                    assertThat(ConvexJson.encodeToString(patch.set()))
                            .isEqualTo("{\"latitude\":48.85,\"longitude\":2.35}");
                    assertThat(patch.unset()).containsExactly("loc");
                });
    }

    @Test
    void aChangeExpectsEveryFieldThatWasReadOrIsOverwrittenAndNoOther() {
        TransformChain chain = chain("""
                - combine: { template: "{a} {n.x}", into: s }
                - set: { field: t, value: 1 }
                - drop: d
                """);

        assertThat(chain.transform(document("{\"a\":\"x\",\"n\":{\"x\":\"y\",\"z\":1},\"d\":1,\"t\":0,\"other\":5}")))
                .isInstanceOfSatisfying(Patch.class, patch -> {
                    assertThat(ConvexJson.encodeToString(patch.expect()))
                            .isEqualTo("{\"a\":\"x\",\"d\":1.0,\"n\":{\"x\":\"y\",\"z\":1.0},\"t\":0.0}");
                    assertThat(patch.absent()).containsExactly("s");
                    assertThat(patch.id()).isEqualTo("id1");
                });
    }

    @Test
    void aStepThatIsUndoneByAnotherIsNoChange() {
        assertThat(chain("- set: { field: a, value: 1 }\n- drop: a").transform(document("{\"b\":1}")))
                .isInstanceOf(Unchanged.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"transform: [ { set: { field: x, value: 1 } } ]",
            "transform: [ { set: { field: x, value: 1 } } ]\nwrite: replace",
            "transform: [ { set: { field: x, value: 1 } } ]\nwrite: { insertInto: users_v2 }",
            "write: delete\nconfirm: delete"})
    void aDocumentThatIsNotSelectedIsLeftAloneHoweverThePlanWrites(String plan) {
        TransformChain chain = TransformChain.of(PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: r
                table: users
                where: { filter: 'doc.n > 1.0' }
                """ + plan), spec -> {
            throw new AssertionError(spec);
        });

        assertThat(chain.transform(document("{\"n\":1}"))).isInstanceOf(Unchanged.class);
        assertThat(chain.transform(document("{\"n\":2}"))).isInstanceOf(Change.class);
        assertThat(chain.transform(document("{}"))).isInstanceOf(Failed.class);
    }

    @Test
    void aResultThatDependsOnTheWholeDocumentIsOfThatDocumentAlone() {
        assertThat(chain("- compute: { field: n, value: 'size(doc)' }").transform(document("{\"a\":1}")))
                .isInstanceOfSatisfying(Patch.class, patch -> assertThat(patch.exact()).isTrue());
        assertThat(chain("- compute: { field: n, value: 'doc.a' }").transform(document("{\"a\":1}")))
                .isInstanceOfSatisfying(Patch.class, patch -> assertThat(patch.exact()).isFalse());
    }
}
