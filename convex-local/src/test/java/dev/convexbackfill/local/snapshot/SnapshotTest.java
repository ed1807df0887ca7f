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
package dev.convexbackfill.local.snapshot;

import static dev.convexbackfill.local.snapshot.SnapshotApi.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentId;
import dev.convexbackfill.client.value.ExportJson;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.local.store.IndexBounds;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotTest {

    private static final String README = "README.md";

    private final LocalDeployment deployment = LocalDeployment.builder().start();
    private final SnapshotApi api = new SnapshotApi(deployment.url(), deployment.adminKey().value());

    @AfterEach
    void close() {
        api.close();
        deployment.close();
    }

    private static String id(long table, int number) {
        byte[] internal = new byte[16];
        internal[0] = (byte) number;
        return DocumentId.of(table, internal).toString();
    }

    private void declareStrict() {
        deployment.schemas().push(new DocumentSchema(Map.of("strict", Validator.object().field("n", Validator.NUMBER)
                .optional("note", Validator.STRING))).toDatabaseSchema());
    }

    private List<ConvexObject> documents(String table) {
        List<ConvexObject> documents = new ArrayList<>();
        deployment.forEach(table, documents::add);
        return documents;
    }

    private static Map<String, String> snapshot(String table, long number, String documents) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("_tables/documents.jsonl", "{\"name\":\"%s\",\"id\":%d}\n".formatted(table, number));
        files.put(table + "/documents.jsonl", documents);
        files.put(table + "/generated_schema.jsonl", "\"uniform\"\n");
        return files;
    }

    @Test
    void everyValueTableNumberAndCreationTimeComesBackByteByByte() {
        String odd = """
                {"_creationTime":1700000000000.25,"_id":"%s","big":9223372036854775807,"bytes":{"$bytes":"AP8Q"},\
                "nested":{"":[1,1.0,null,{"deep":[true,"Zürich 🗼 \\"\\\\"]}]}}
                {"_creationTime":1700000000000.5,"_id":"%s","inf":{"$float":"AAAAAAAA8P8="},\
                "nan":{"$float":"AAAAAAAA+H8="},"zero":-0.0}
                """.formatted(id(10_077, 1), id(10_077, 2));
        Map<String, String> files = snapshot("odd", 10_077, odd);
        files.put("_tables/documents.jsonl", "{\"name\":\"nothing\",\"id\":10005}\n{\"name\":\"odd\",\"id\":10077}\n");
        files.put("nothing/documents.jsonl", "");
        files.put("nothing/generated_schema.jsonl", "\"uniform\"\n");

        ConvexObject done = api.importZip(files, "requireEmpty");

        assertThat(done.string("state")).as(done.toString()).isEqualTo("completed");
        assertThat(done.require("num_rows_written")).isEqualTo(ConvexValue.int64(2));
        Map<String, String> exported = api.export();
        assertThat(exported.keySet()).containsExactly(README, "_tables/documents.jsonl", "nothing/documents.jsonl",
                "nothing/generated_schema.jsonl", "odd/documents.jsonl", "odd/generated_schema.jsonl");
        exported.remove(README);
        assertThat(exported).isEqualTo(files);
    }

    @Test
    void anExportIsOfOneTimeAndTellsHowFarItIs() {
        deployment.load("users", IntStream.range(0, 3).mapToObj(n -> ConvexObject.of("n", ConvexValue.int64(n))));

        Map<String, String> files = api.export();

        ConvexObject row = api.awaitExport(_ -> true);
        assertThat(files.getOrDefault("users/documents.jsonl", "").lines()
                .map(line -> ExportJson.decodeObject(line.getBytes(StandardCharsets.UTF_8)).string("_id"))).hasSize(3)
                .isSorted();
        assertThat(row.object("format")).isEqualTo(
                ConvexObject.of("format", ConvexValue.of("zip"), "include_storage", ConvexValue.of(false)));
        assertThat(row.string("requestor")).isEqualTo("snapshotExport");
        assertThat(row.string("progress_message")).startsWith("Backing up ");
        long start = ((ConvexInt64) row.require("start_ts")).value();
        long end = ((ConvexInt64) row.require("complete_ts")).value();
        assertThat(start).isLessThanOrEqualTo(end + 1_000_000);
        assertThat(((ConvexInt64) row.require("size")).value()).isEqualTo(api.download(start).length);
        assertThat(
                api.send("GET", "/api/export/zip/" + row.string("_id"), new byte[0], "application/json").statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"GET,/api/export/zip/12,404,ExportNotFound", "GET,/api/export/zip/x,400,BadSnapshotId",
            "POST,/api/export/cancel/x,404,ExportNotFound"})
    void refusesExportsThatAreNotThere(String method, String path, int status, String code) {
        HttpResponse<byte[]> answer = api.send(method, path, new byte[0], "application/json");

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(text(answer)).contains("\"code\":\"" + code + "\"");
    }

    @Test
    void anExportCanBeKeptForLongerButNotCanceledOnceItIsThere() {
        api.export();
        String id = api.awaitExport(_ -> true).string("_id");

        assertThat(
                api.post("/api/export/set_expiration/" + id, "{\"expirationTsNs\":1900000000000000001}").statusCode())
                .isEqualTo(200);

        assertThat(api.awaitExport(_ -> true).require("expiration_ts"))
                .isEqualTo(ConvexValue.int64(1_900_000_000_000_000_001L));
        assertThat(api.post("/api/export/cancel/" + id, "").statusCode()).isEqualTo(400);
    }

    @Test
    void asksBeforeItReplacesAndReportsAsConvexDoes() {
        deployment.load("users", Stream.of(ConvexObject.EMPTY, ConvexObject.EMPTY));
        deployment.load("zoo", Stream.of(ConvexObject.EMPTY));
        String id = api.upload("{\"name\":\"Ada\"}\n{\"name\":\"Grace\"}\n{\"n\":5}\n".getBytes(StandardCharsets.UTF_8),
                10,
                "{\"tableName\":\"users\",\"mode\":\"replace\",\"format\":\"jsonLines\"}");

        ConvexObject waiting = api.awaitImport(id, "waiting_for_confirmation");

        assertThat(waiting.string("message_to_confirm")).isEqualTo("""
                Import change summary:
                table | create | delete |
                -------------------------
                users | 3      | 2 of 2 |
                Once the import has started, it will run in the background.
                Interrupting `npx convex import` will not cancel it.""");
        assertThat(waiting.bool("require_manual_confirmation")).isTrue();
        assertThat(documents("users")).hasSize(2);

        ConvexObject done = api.confirmed(id);

        assertThat(done.string("state")).isEqualTo("completed");
        assertThat(documents("users")).extracting(document -> document.get("n")).contains(ConvexValue.number(5));
        assertThat(documents("zoo")).hasSize(1);
        ConvexObject row = (ConvexObject) api.query("_system/cli/queryImport", "{\"importId\":\"%s\"}".formatted(id));
        assertThat(row.object("format")).isEqualTo(
                ConvexObject.of("format", ConvexValue.of("jsonl"), "table", ConvexValue.of("users")));
        assertThat(row.string("mode")).isEqualTo("Replace");
        ConvexObject checkpoint = (ConvexObject) row.array("checkpoints").values().getFirst();
        assertThat(checkpoint.require("num_rows_written")).isEqualTo(ConvexValue.int64(3));
        assertThat(checkpoint.bool("is_missing_id_field")).isTrue();
    }

    @Test
    void aTableThatIsReplacedKeepsItsNumber() {
        deployment.load("other", Stream.of(ConvexObject.EMPTY));
        deployment.load("users", Stream.of(ConvexObject.EMPTY));
        long number = DocumentId.parse(documents("users").getFirst().string("_id")).tableNumber();

        api.importNow("users", "jsonLines", "replace", "{\"n\":1}\n");

        assertThat(documents("users")).hasSize(1).allSatisfy(document -> assertThat(
                DocumentId.parse(document.string("_id")).tableNumber()).isEqualTo(number));
    }

    @Test
    void replaceAllTakesEverythingElseAwayButKeepsDeclaredTables() {
        deployment.load("old", Stream.of(ConvexObject.EMPTY));
        declareStrict();
        deployment.load("strict", Stream.of(ConvexObject.of("n", ConvexValue.number(1))));

        ConvexObject done = api.importZip(snapshot("users", 10_001, "{\"_id\":\"%s\"}\n".formatted(id(10_001, 1))),
                "replaceAll");

        assertThat(done.string("state")).as(done.toString()).isEqualTo("completed");
        assertThat(deployment.hasTable("old")).isFalse();
        assertThat(deployment.hasTable("strict")).isTrue();
        assertThat(documents("strict")).isEmpty();
        assertThat(documents("users")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
            "csv; name, n; `,`; 0",
            "csv; `name,n,note\nAda,5,nan\n\"a,b\",1e3,\n`; {\"n\":5.0,\"name\":\"Ada\",\"note\":null}|{\"n\":1000.0,\"name\":\"a,b\",\"note\":\"\"}; 2",
            "jsonLines; `{\"n\":5}\n{\"n\":\"x\"}`; {\"n\":5.0}|{\"n\":\"x\"}; 2",
            "jsonArray; `[{\"n\":5},\n{\"n\":-0}]`; {\"n\":5.0}|{\"n\":{\"$float\":\"AAAAAAAAAIA=\"}}; 2",
    })
    void readsTheFormats(String format, String file, String expected, int count) {
        HttpResponse<byte[]> answer = api.importNow("things", format, "requireEmpty", file.replace("\\n", "\n"));

        assertThat(text(answer)).isEqualTo("{\"numWritten\":%d}".formatted(count));
        List<String> found = documents("things").stream()
                .map(document -> ConvexJson.encodeToString(document.without("_id").without("_creationTime"))).toList();
        if (count > 0) {
            assertThat(found).containsExactly(expected.split("\\|", -1));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
            "csv; `a,b\n1\n`; CSV row 2 doesn't have all of the fields in the header",
            "csv; `$a\n1\n`; CSV header \"$a\" isn't a valid field name",
            "jsonLines; `{}\n{`; Row 2 wasn't valid JSON",
            "jsonLines; `{}\n\n`; Row 2 wasn't valid JSON",
            "jsonLines; `5`; Row 1 wasn't a valid Convex value: expected object, received number",
            "jsonLines; `{\"a\":{\"$integer\":\"BQAAAAAAAAA=\"}}`; Row 1 wasn't a valid Convex value",
            "jsonLines; `\ufeff{}`; UTF-8 BOM is not supported. Please save your file without BOM.",
            "jsonArray; `{}`; Not a JSON array",
            "jsonArray; `[{}`; Not valid JSON",
            "jsonLines; `{\"_id\":\"x\"}`; invalid _id 'x'",
            "jsonLines; `{\"_foo\":1}`; Field name _foo starts with an underscore",
            "jsonLines; `{\"_creationTime\":-1}`; _creationTime -1.0 is not a time above zero",
    })
    void saysWhatIsWrongWithAFileAndLeavesNothing(String format, String file, String expected) {
        HttpResponse<byte[]> answer = api.importNow("things", format, "replace", file.replace("\\n", "\n"));

        assertThat(answer.statusCode()).isEqualTo(400);
        ConvexObject error = ConvexJson.decodeObject(answer.body());
        assertThat(error.string("code")).isEqualTo("ImportFailed");
        assertThat(error.string("message")).startsWith("Hit an error while importing:\n" + expected);
        assertThat(deployment.hasTable("things")).isFalse();
    }

    @Test
    void refusesIdsThatClashWithWhatIsThere() {
        String first = "{\"_id\":\"%s\"}\n".formatted(id(10_001, 1));
        api.importNow("users", "jsonLines", "append", first);
        String gone = documents("users").getFirst().string("_id");

        assertThat(text(api.importNow("users", "jsonLines", "append", first))).contains("already exists");
        assertThat(text(api.importNow("users", "jsonLines", "requireEmpty", first)))
                .contains("Table users already exists. Please choose a new table name or use replace/append modes.");
        assertThat(text(api.importNow("users", "jsonLines", "replace", first + first)))
                .contains("have duplicate _id fields");
        assertThat(text(api.importNow("users", "jsonLines", "append", "{\"_id\":\"%s\"}".formatted(id(10_009, 1)))))
                .contains("wants table number 10009 but was already assigned 10001");
        assertThat(text(api.importNow("users", "jsonLines", "replace",
                first + "{\"_id\":\"%s\"}".formatted(id(10_009, 1))))).contains("it came from a different deployment");
        assertThat(text(api.importNow("people", "jsonLines", "replace", first)))
                .contains("has IDs that conflict with existing table `users`");
        assertThat(text(api.importNow("users", "jsonLines", "replace", "{\"_id\":\"%s\"}".formatted(id(222, 1)))))
                .contains("conflict with existing internal table");

        assertThat(documents("users")).extracting(document -> document.string("_id")).containsExactly(gone);
    }

    @Test
    void aDeletedIdIsNotAppendedAgain() {
        String row = "{\"_id\":\"%s\"}\n".formatted(id(10_001, 1));
        api.importNow("users", "jsonLines", "append", row);
        SnapshotDatabase database = SnapshotDatabase.unchecked(deployment.store());
        database.write(transaction -> {
            transaction.delete(id(10_001, 1));
            return transaction;
        });

        assertThat(text(api.importNow("users", "jsonLines", "append", row))).contains("that was deleted");
        assertThat(text(api.importNow("users", "jsonLines", "replace", row))).isEqualTo("{\"numWritten\":1}");
    }

    @Test
    void importedDocumentsMustMatchTheSchema() {
        declareStrict();
        assertThat(text(api.importNow("strict", "jsonLines", "replace", "{\"n\":1}\n{\"n\":\"x\"}\n")))
                .contains("because it does not match the schema");
        assertThat(documents("strict")).isEmpty();
        assertThat(text(api.importNow("strict", "csv", "replace", "n,note\n1,\n"))).isEqualTo("{\"numWritten\":1}");
        assertThat(documents("strict").getFirst().has("note")).isFalse();
    }

    @Test
    void idsOfTablesInTheSameFileFitTheSchemaAndIndexesAreWhole() throws Exception {
        deployment.pushSchema("""
                {"schemaValidation":true,"tables":[{"tableName":"users","indexes":[],"documentType":{"type":"any"}},
                 {"tableName":"posts","indexes":[{"indexDescriptor":"by_n","fields":["n"]}],"documentType":
                  {"type":"object","value":{"author":{"fieldType":{"type":"id","tableName":"users"},"optional":false},
                   "n":{"fieldType":{"type":"number"},"optional":false}}}}]}""");
        Map<String, String> files = snapshot("posts", 10_077, """
                {"_id":"%s","_creationTime":1.0,"author":"%s","n":2.0}
                {"_id":"%s","_creationTime":2.0,"author":"%s","n":1.0}
                """.formatted(id(10_077, 1), id(10_078, 1), id(10_077, 2), id(10_078, 1)));
        files.put("_tables/documents.jsonl", "{\"name\":\"posts\",\"id\":10077}\n{\"name\":\"users\",\"id\":10078}\n");
        files.put("users/documents.jsonl", "{\"_id\":\"%s\",\"_creationTime\":1.0}\n".formatted(id(10_078, 1)));
        files.put("users/generated_schema.jsonl", "\"uniform\"\n");

        ConvexObject done = api.importZip(files, "replaceAll");

        assertThat(done.string("state")).as(done.toString()).isEqualTo("completed");
        List<String> byIndex = new ArrayList<>();
        SnapshotDatabase.checked(deployment.store()).read(transaction -> {
            transaction.scan("posts", "by_n", IndexBounds.ALL, false, null)
                    .forEachRemaining(post -> byIndex.add(post.id()));
            return byIndex;
        });
        assertThat(byIndex).containsExactly(id(10_077, 2), id(10_077, 1));
    }

    @ParameterizedTest
    @CsvSource({"/api/import?format=zip&tableName=a,InvalidName", "/api/import?format=csv,InvalidName",
            "/api/import?format=csv&tableName=1a,ImportInvalidName",
            "/api/import?format=csv&tableName=a&componentPath=c,InvalidComponentPath",
            "/api/import/upload_part?uploadToken=../x&partNumber=1,InvalidUploadToken"})
    void refusesRequestsThatMakeNoSense(String path, String code) {
        HttpResponse<byte[]> answer = api.post(path, "");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(text(answer)).contains("\"code\":\"" + code + "\"");
    }

    @Test
    void anImportCanBeCanceledOnce() {
        String id = api.upload("{}".getBytes(StandardCharsets.UTF_8), 10,
                "{\"tableName\":\"users\",\"mode\":\"append\",\"format\":\"jsonLines\"}");
        api.awaitImport(id, "waiting_for_confirmation");
        String body = "{\"importId\":\"%s\"}".formatted(id);

        assertThat(api.post("/api/cancel_import", body).statusCode()).isEqualTo(200);

        assertThat(api.importState(id).string("error_message")).isEqualTo("Import canceled");
        assertThat(text(api.post("/api/cancel_import", body))).contains("CannotCancelImport");
        assertThat(api.post("/api/perform_import", body).statusCode()).isEqualTo(200);
        assertThat(api.importState(id).string("state")).isEqualTo("failed");
        assertThat(deployment.hasTable("users")).isFalse();
    }

    @Test
    void reportsEachTableOnce() {
        Map<String, String> files = snapshot("users", 10_001, "{}\n{}\n");
        files.put("_components/waitlist/people/documents.jsonl", "{}\n");
        files.put("_storage/documents.jsonl", "");
        files.put("_storage/kg123.png", "x");
        files.put("posts/documents.jsonl", "{\"n\":5}");
        String id = api.upload(SnapshotApi.zip(files), 1 << 20, "{\"mode\":\"append\",\"format\":\"zip\"}");

        String message = api.awaitImport(id, "waiting_for_confirmation").string("message_to_confirm");
        api.confirmed(id);

        assertThat(message).contains("Left out: 1 tables of components", "Left out: 1 stored files");
        assertThat(documents("posts").getFirst().require("n")).isEqualTo(ConvexValue.number(5));
    }

    @Test
    void clearsTablesAtOnceAndKeepsTheirNumbers() {
        deployment.load("users", Stream.of(ConvexObject.EMPTY));

        HttpResponse<byte[]> answer = api.send("PUT", "/api/streaming_import/clear_tables",
                "{\"tableNames\":[\"users\",\"fresh\"]}".getBytes(StandardCharsets.UTF_8), "application/json");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(documents("users")).isEmpty();
        assertThat(deployment.hasTable("fresh")).isTrue();
        deployment.load("users", Stream.of(ConvexObject.EMPTY));
        assertThat(DocumentId.parse(documents("users").getFirst().string("_id")).tableNumber()).isEqualTo(10_001);
    }
}
