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

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseSchemaTest {

    private static final String NAME = "{'type':'object','value':{'name':{'fieldType':{'type':'string'},'optional':false}}}";

    private static String schema(String table) {
        return "{'schemaValidation':true,'tables':[%s]}".formatted(table).replace('\'', '"');
    }

    private static String users(String rest) {
        return schema("{'tableName':'users','documentType':%s,%s}".formatted(NAME, rest));
    }

    @Test
    void readsWhatADeveloperWroteAndWritesWhatConvexStores() {
        DatabaseSchema schema = DatabaseSchema.fromExport(schema("""
                {'tableName':'users',
                 'indexes':[{'indexDescriptor':'by_name','fields':['name','address.city']}],
                 'stagedDbIndexes':[{'indexDescriptor':'by_city','fields':['address.city']}],
                 'searchIndexes':[{'indexDescriptor':'s','searchField':'name','filterFields':['address.city']}],
                 'vectorIndexes':[{'indexDescriptor':'v','vectorField':'emb','dimensions':768,'filterFields':[]}],
                 'documentType':{'type':'any'}},{'tableName':'free','indexes':[],'documentType':null}"""));

        String stored = """
                {'tables':[{'tableName':'free','indexes':[],'stagedDbIndexes':[],'searchIndexes':[],\
                'stagedSearchIndexes':[],'vectorIndexes':[],'stagedVectorIndexes':[],'documentType':null},\
                {'tableName':'users','indexes':[{'indexDescriptor':'by_name',\
                'fields':['name','address.city','_creationTime']}],\
                'stagedDbIndexes':[{'indexDescriptor':'by_city','fields':['address.city','_creationTime']}],\
                'searchIndexes':[{'indexDescriptor':'s','searchField':'name','filterFields':['address.city']}],\
                'stagedSearchIndexes':[],'vectorIndexes':[{'indexDescriptor':'v','vectorField':'emb','dimensions':768,\
                'filterFields':[]}],'stagedVectorIndexes':[],'documentType':{'type':'any'}}],'schemaValidation':true}"""
                .replace('\'', '"');
        assertThat(schema.toJson()).isEqualTo(stored);
        assertThat(DatabaseSchema.fromJson(stored)).isEqualTo(schema);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
            "'indexes':[{'indexDescriptor':'i','fields':['_creationTime']}] | `_creationTime` is automatically added to the end of each index. It should not be added explicitly in the index definition. See https://docs.convex.dev/using/indexes for more details.",
            "'indexes':[{'indexDescriptor':'i','fields':['name','_id']}] | `_id` is not a valid index field. To load documents by ID, use `db.get(id)`.",
            "'indexes':[{'indexDescriptor':'i','fields':['_x']}] | Reserved fields (starting with `_`) are not allowed in indexes.",
            "'indexes':[{'indexDescriptor':'i','fields':[]}] | In table \"users\" index \"i\" must have at least one field.",
            "'indexes':[{'indexDescriptor':'i','fields':['name','name']}] | Duplicate field \"name\". Index fields must be unique within an index.",
            "'indexes':[{'indexDescriptor':'i','fields':['name']},{'indexDescriptor':'j','fields':['name']}] | In table \"users\" index \"j\" and index \"i\" have the same fields. Indexes must be unique within a table.",
            "'indexes':[{'indexDescriptor':'i','fields':['name']},{'indexDescriptor':'i','fields':['name']}] | Indexes must be unique within a table.",
            "'indexes':[{'indexDescriptor':'by_id','fields':['name']}] | In table \"users\" cannot name an index \"by_id\" because the name is reserved. Indexes may not start with an underscore or be named \"by_id\" or \"by_creation_time\".",
            "'indexes':[{'indexDescriptor':'no name','fields':['name']}] | In table \"users\": Invalid index name: \"no name\".",
            "'indexes':[{'indexDescriptor':'i','fields':['a b']}] | In table \"users\": In index \"i\": Invalid index field: \"a b\"",
            "'indexes':[{'indexDescriptor':'i','fields':['gone']}] | In table \"users\" the index \"i\" is invalid because it references the field \"gone\" that does not exist.",
            "'indexes':[{'indexDescriptor':'i','fields':['name.first']}] | references the field \"name.first\" that does not exist.",
            "'indexes':[{'indexDescriptor':'i','fields':['name']}],'searchIndexes':[{'indexDescriptor':'i','searchField':'name','filterFields':[]}] | Table \"users\" has two or more definitions of index \"i\".",
    })
    void refusesIndexesAsConvexDoes(String indexes, String message) {
        assertThatThrownBy(() -> DatabaseSchema.fromExport(users(indexes))).isInstanceOf(InvalidSchemaException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
            "{'tableName':'_users','indexes':[]} | _users is a reserved table name.",
            "{'tableName':'a-b','indexes':[]} | Invalid table name: \"a-b\". Identifiers must start with a letter and can only contain letters, digits, and underscores.",
            "{'tableName':'a','indexes':[],'documentType':{'type':'string'}} | The document validator in a schema must be an object, a union of objects, or `v.any()`. Found v.string(). To learn more, see the schema documentation at https://docs.convex.dev/database/schemas.",
            "5 | Default export from schema file isn't a Convex schema.",
    })
    void refusesTablesAsConvexDoes(String table, String message) {
        assertThatThrownBy(() -> DatabaseSchema.fromExport(schema(table))).isInstanceOf(InvalidSchemaException.class)
                .hasMessageContaining(message);
    }

    private static String names(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "'f" + i + "'").collect(Collectors.joining(","));
    }

    @Test
    void hasRoomForSixteenFieldsOfAnIndexAndThirtyTwoIndexes() {
        String fits = "{'tableName':'t','indexes':[{'indexDescriptor':'i','fields':[%s]}]}";
        String indexes = IntStream.range(0, 33)
                .mapToObj(i -> "{'indexDescriptor':'i%d','fields':['f%d']}".formatted(i, i))
                .collect(Collectors.joining(","));

        TableSchema table = requireNonNull(
                DatabaseSchema.fromExport(schema(fits.formatted(names(0, 15)))).tables().get("t"));
        assertThat(table.indexes().getFirst().fields()).hasSize(16);
        assertThatThrownBy(() -> DatabaseSchema.fromExport(schema(fits.formatted(names(0, 16)))))
                .hasMessageContaining("Indexes may have up to 16 fields.");
        assertThatThrownBy(() -> DatabaseSchema.fromExport(
                schema("{'tableName':'t','indexes':[%s]}".formatted(indexes))))
                .hasMessage("Table \"t\" cannot have more than 32 indexes.");
    }

    @Test
    void convexsOwnFieldsAreNoneOfASchema() {
        DatabaseSchema schema = DatabaseSchema.fromExport(schema("""
                {'tableName':'t','indexes':[],'documentType':{'type':'object','value':{
                'a':{'fieldType':{'type':'any'},'optional':false},
                '_id':{'fieldType':{'type':'string'},'optional':false}}}}"""));

        assertThat(schema.problem("t", ConvexObject.builder().put("_id", "x").put("_creationTime", 1).put("a", 1)
                .build(), TableNames.NONE)).isNull();
        assertThat(schema.problem("other", ConvexObject.of("z", ConvexValue.of("z")), TableNames.NONE)).isNull();
        assertThat(new DatabaseSchema(schema.tables(), false).problem("t", ConvexObject.EMPTY, TableNames.NONE))
                .isNull();
    }

    @Test
    void aTableThatASchemaNamesCanNotBeDeleted() {
        DatabaseSchema schema = DatabaseSchema.fromExport(schema("""
                {'tableName':'t','indexes':[],'documentType':{'type':'object','value':{
                'a':{'fieldType':{'type':'array','value':{'type':'id','tableName':'u'}},'optional':true}}}}"""));

        assertThat(schema.problemOfDeleting("t"))
                .isEqualTo("Failed to delete table \"t\" because it appears in the schema");
        assertThat(schema.problemOfDeleting("u")).isEqualTo(
                "Failed to delete table \"u\" because `v.id(\"u\")` appears in the schema of table \"t\"");
        assertThat(schema.problemOfDeleting("v")).isNull();
    }
}
