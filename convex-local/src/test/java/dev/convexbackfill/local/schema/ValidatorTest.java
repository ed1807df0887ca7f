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
package dev.convexbackfill.local.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ValidatorTest {

    private static final String USER = DocumentId.of(10_001, new byte[DocumentId.INTERNAL_LENGTH]).toString();
    private static final String POST = DocumentId.of(10_002, new byte[DocumentId.INTERNAL_LENGTH]).toString();
    private static final String FILE = DocumentId.of(300, new byte[DocumentId.INTERNAL_LENGTH]).toString();
    private static final String STRANGER = DocumentId.of(10_009, new byte[DocumentId.INTERNAL_LENGTH]).toString();

    private static final TableNames TABLES = number -> switch ((int) number) {
        case 10_001 -> "users";
        case 10_002 -> "posts";
        case 300 -> "_storage";
        default -> null;
    };

    private static Validator validator(String json) {
        return Validator.fromJson(ConvexJson.decode(json.replace('\'', '"')));
    }

    static Stream<Arguments> fitting() {
        return Stream.of(
                Arguments.of("{'type':'any'}", "{'a':[null]}"),
                Arguments.of("{'type':'null'}", "null"),
                Arguments.of("{'type':'number'}", "{'$float':'AAAAAAAA+H8='}"),
                Arguments.of("{'type':'bigint'}", "{'$integer':'BQAAAAAAAAA='}"),
                Arguments.of("{'type':'commitTs'}", "{'$integer':'BQAAAAAAAAA='}"),
                Arguments.of("{'type':'boolean'}", "true"),
                Arguments.of("{'type':'string'}", "''"),
                Arguments.of("{'type':'bytes'}", "{'$bytes':'AQI='}"),
                Arguments.of("{'type':'literal','value':'a'}", "'a'"),
                Arguments.of("{'type':'literal','value':1}", "1"),
                Arguments.of("{'type':'literal','value':false}", "false"),
                Arguments.of("{'type':'literal','value':{'$integer':'BQAAAAAAAAA='}}", "{'$integer':'BQAAAAAAAAA='}"),
                Arguments.of("{'type':'id','tableName':'users'}", "'" + USER + "'"),
                Arguments.of("{'type':'id','tableName':'_storage'}", "'" + FILE + "'"),
                Arguments.of("{'type':'array','value':{'type':'number'}}", "[1,2]"),
                Arguments.of(RECORD_OF_NUMBERS, "{'a':1,'b c':2}"),
                Arguments.of("{'type':'object','value':{'a':{'fieldType':{'type':'string'},'optional':true}}}", "{}"),
                Arguments.of("{'type':'union','value':[{'type':'string'},{'type':'null'}]}", "null"));
    }

    private static final String RECORD_OF_NUMBERS = "{'type':'record','keys':{'type':'string'},"
            + "'values':{'fieldType':{'type':'number'},'optional':false}}";
    private static final String USER_OBJECT = "{'type':'object','value':{"
            + "'name':{'fieldType':{'type':'string'},'optional':false},"
            + "'tags':{'fieldType':{'type':'array','value':{'type':'object','value':{"
            + "'n':{'fieldType':{'type':'number'},'optional':false}}}},'optional':true}}}";

    @ParameterizedTest
    @MethodSource("fitting")
    void takesWhatFits(String validator, String value) {
        assertThat(validator(validator).problem(ConvexJson.decode(value.replace('\'', '"')), TABLES)).isNull();
    }

    @ParameterizedTest
    @MethodSource("fitting")
    void writesTheJsonThatItReads(String validator, String value) {
        Validator read = validator(validator);

        assertThat(Validator.fromJson(read.toJson())).isEqualTo(read);
        assertThat(read.toJson()).isEqualTo(ConvexJson.decode(validator.replace('\'', '"')));
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of("{'type':'string'}", "5", """
                        Value does not match validator.

                        Value: 5.0
                        Validator: v.string()"""),
                Arguments.of("{'type':'bigint'}", "5", """
                        Value does not match validator.

                        Value: 5.0
                        Validator: v.int64()"""),
                Arguments.of("{'type':'number'}", "{'$integer':'BQAAAAAAAAA='}", """
                        Value does not match validator.

                        Value: 5
                        Validator: v.float64()"""),
                Arguments.of("{'type':'literal','value':'a'}", "'b\\n'",
                        "`\"b\\n\"` does not match literal validator `v.literal(\"a\")`."),
                Arguments.of("{'type':'literal','value':{'$integer':'BQAAAAAAAAA='}}", "5",
                        "`5.0` does not match literal validator `v.literal(<bigint>)`."),
                Arguments.of("{'type':'id','tableName':'users'}", "'" + POST + "'",
                        "Found ID \"" + POST + "\" from table `posts`, which does not match the table name in validator"
                                + " `v.id(\"users\")`."),
                Arguments.of("{'type':'id','tableName':'users'}", "'" + FILE + "'",
                        "Found ID \"" + FILE
                                + "\" from a system table, which does not match the table name in validator"
                                + " `v.id(\"users\")`."),
                Arguments.of("{'type':'id','tableName':'users'}", "'" + STRANGER + "'", """
                        Value does not match validator.

                        Value: "%s"
                        Validator: v.id("users")""".formatted(STRANGER)),
                Arguments.of("{'type':'id','tableName':'users'}", "'no id'", """
                        Value does not match validator.

                        Value: "no id"
                        Validator: v.id("users")"""),
                Arguments.of("{'type':'array','value':{'type':'id','tableName':'users'}}",
                        "['" + USER + "','" + POST + "']",
                        "Found ID \"" + POST + "\" from table `posts`, which does not match the table name in validator"
                                + " `v.id(\"users\")`.Path: [1]"),
                Arguments.of(RECORD_OF_NUMBERS, "{'a':1,'b':'x'}", """
                        Value does not match validator.
                        Path: .values()
                        Value: "x"
                        Validator: v.float64()"""),
                Arguments.of("{'type':'record','keys':{'type':'id','tableName':'users'},"
                        + "'values':{'fieldType':{'type':'any'},'optional':false}}", "{'a':1}", """
                                Value does not match validator.
                                Path: .keys()
                                Value: "a"
                                Validator: v.id("users")"""),
                Arguments.of(USER_OBJECT, "{}",
                        """
                                Object is missing the required field `name`. Consider wrapping the field validator in \
                                `v.optional(...)` if this is expected.

                                Object: {}
                                Validator: v.object({name: v.string(), tags: v.optional(v.array(v.object({n: v.float64()})))})"""),
                Arguments.of(USER_OBJECT, "{'name':'a','tags':[{'n':1},{'n':1,'m':null}]}", """
                        Object contains extra field `m` that is not in the validator.
                        Path: .tags[1]
                        Object: {m: null, n: 1.0}
                        Validator: v.object({n: v.float64()})"""),
                Arguments.of("{'type':'union','value':[{'type':'string'},{'type':'null'}]}", "[true]", """
                        Value does not match validator.

                        Value: [true]
                        Validator: v.union(v.string(), v.null())"""),
                Arguments.of("{'type':'union','value':[" + USER_OBJECT + "]}", "{'name':1}", """
                        Value does not match validator.
                        Path: .name
                        Value: 1.0
                        Validator: v.string()"""),
                Arguments.of("{'type':'union','value':[]}", "1", """
                        Value does not match validator.

                        Value: 1.0
                        Validator: v.union()"""));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void saysWhatIsWrongAsConvexDoes(String validator, String value, String message) {
        assertThat(validator(validator).problem(ConvexJson.decode(value.replace('\'', '"')), TABLES))
                .isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
            "{'type':'record','keys':{'type':'number'},'values':{'fieldType':{'type':'any'},'optional':false}} | Records can only have string keys. Your validator contains a record with key typed as `v.float64()`, which is not a subtype of `v.string()`",
            "{'type':'record','keys':{'type':'literal','value':'a'},'values':{'fieldType':{'type':'any'},'optional':false}} | Records cannot have string literal keys",
            "{'type':'record','keys':{'type':'string'},'values':{'fieldType':{'type':'any'},'optional':true}} | Records cannot have optional values",
            "{'type':'literal','value':{'$float':'AAAAAAAA8H8='}} | Infinite or NaN values are not supported in literal validators.",
            "{'type':'literal','value':null} | Value null is not a valid literal.",
            "{'type':'object','value':{'a':{'fieldType':{'type':'what'},'optional':true}}} | Invalid validator for key `a`: {type: \"what\"} is not a validator",
            "{'type':'array'} | The field 'value' is missing where another type was expected in the validator {type: \"array\"}",
            "5 | 5.0 is not a validator",
    })
    void refusesJsonThatIsNoValidator(String json, String message) {
        assertThatThrownBy(() -> validator(json)).isInstanceOf(InvalidSchemaException.class)
                .hasMessage(message);
    }

    @Test
    void showsValuesAsConvexDoes() {
        assertThat(List.of(
                ValueText.of(null), ValueText.of(ConvexNull.NULL), ValueText.of(ConvexValue.int64(-7)),
                ValueText.of(ConvexValue.number(-0.0)), ValueText.of(ConvexValue.number(0.1)),
                ValueText.of(ConvexValue.number(1e15)), ValueText.of(ConvexValue.number(1e16)),
                ValueText.of(ConvexValue.number(1.25e-5)), ValueText.of(ConvexValue.number(Double.NaN)),
                ValueText.of(ConvexValue.number(Double.NEGATIVE_INFINITY)),
                ValueText.of(ConvexValue.of("a\"\\\t\u0001é🗼")), ValueText.of(ConvexValue.of(new byte[]{1, 2})),
                ValueText.of(ConvexValue.array(ConvexValue.of(true), ConvexObject.of("b", ConvexValue.of(""))))))
                .containsExactly("undefined", "null", "-7", "-0.0", "0.1", "1000000000000000.0", "1e16", "1.25e-5",
                        "NaN",
                        "-inf", "\"a\\\"\\\\\\t\\u{1}é🗼\"", "b\"AQI=\"", "[true, {b: \"\"}]");
    }
}
