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

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.awaitility.Awaitility;

/** What Convex's command line does to export and import, call by call. */
final class SnapshotApi implements AutoCloseable {

    private final URI url;
    private final String key;
    private final HttpClient http = HttpClient.newHttpClient();

    SnapshotApi(URI url, String key) {
        this.url = url;
        this.key = key;
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    HttpResponse<byte[]> send(String method, String path, byte[] body, String type) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Authorization", "Convex " + key)
                .header("Content-Type", type)
                .method(method, BodyPublishers.ofByteArray(body))
                .build();
        try {
            return http.send(request, BodyHandlers.ofByteArray());
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    HttpResponse<byte[]> post(String path, String json) {
        return send("POST", path, json.getBytes(StandardCharsets.UTF_8), "application/json");
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    ConvexValue query(String path, String args) {
        HttpResponse<byte[]> response = post("/api/query",
                "{\"path\":\"%s\",\"args\":%s,\"format\":\"convex_encoded_json\"}".formatted(path, args));
        ConvexObject envelope = ConvexJson.decodeObject(response.body());
        assertThat(envelope.string("status")).as(text(response)).isEqualTo("success");
        return envelope.require("value");
    }

    ConvexObject awaitExport(Predicate<ConvexObject> wanted) {
        return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20)).until(() -> {
            ConvexValue latest = query("_system/cli/exports:getLatest", "{}");
            return latest == ConvexNull.NULL ? ConvexObject.EMPTY : (ConvexObject) latest;
        }, export -> export.has("state") && wanted.test(export));
    }

    /** Exports and returns the files of the ZIP in its order. */
    Map<String, String> export() {
        assertThat(post("/api/export/request/zip?includeStorage=false", "").statusCode()).isEqualTo(200);
        ConvexObject done = awaitExport(export -> export.string("state").equals("completed"));
        return unzip(download(((ConvexInt64) done.require("start_ts")).value()));
    }

    byte[] download(long start) {
        HttpResponse<byte[]> zip = send("GET", "/api/export/zip/" + start, new byte[0], "application/json");
        assertThat(zip.statusCode()).isEqualTo(200);
        assertThat(zip.headers().firstValue("content-disposition").orElseThrow())
                .isEqualTo("attachment; filename=snapshot_local_%d.zip".formatted(start));
        return zip.body();
    }

    static Map<String, String> unzip(byte[] zip) {
        Map<String, String> files = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
        return files;
    }

    static byte[] zip(Map<String, String> files) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
        return out.toByteArray();
    }

    /** Uploads in parts of {@code partSize} bytes and returns the import's id. */
    String upload(byte[] file, int partSize, String wanted) {
        String token = ConvexJson.decodeObject(post("/api/import/start_upload", "").body()).string("uploadToken");
        List<String> parts = new ArrayList<>();
        for (int from = 0; from < file.length; from += partSize) {
            byte[] part = Arrays.copyOfRange(file, from, Math.min(file.length, from + partSize));
            HttpResponse<byte[]> answer = send("POST", "/api/import/upload_part?uploadToken=%s&partNumber=%d".formatted(
                    URLEncoder.encode(token, StandardCharsets.UTF_8), parts.size() + 1), part,
                    "application/octet-stream");
            parts.add(((ConvexString) ConvexJson.decode(answer.body())).value());
        }
        HttpResponse<byte[]> finished = post("/api/import/finish_upload",
                "{\"import\":%s,\"uploadToken\":\"%s\",\"partTokens\":%s}".formatted(wanted, token,
                        ConvexJson.encodeToString(ConvexValue.array(parts.stream().map(ConvexValue::of).toList()))));
        assertThat(finished.statusCode()).as(text(finished)).isEqualTo(200);
        return ConvexJson.decodeObject(finished.body()).string("importId");
    }

    ConvexObject awaitImport(String id, String... states) {
        return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20)).until(
                () -> importState(id), state -> List.of(states).contains(state.string("state")));
    }

    ConvexObject importState(String id) {
        return ((ConvexObject) query("_system/cli/queryImport", "{\"importId\":\"%s\"}".formatted(id)))
                .object("state");
    }

    /** Waits until an import has written that many rows of its first table, or has ended. */
    void awaitRows(String id, long rows) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(1)).until(() -> {
            ConvexObject row = (ConvexObject) query("_system/cli/queryImport", "{\"importId\":\"%s\"}".formatted(id));
            ConvexObject checkpoint = (ConvexObject) row.array("checkpoints").values().getFirst();
            return ((ConvexInt64) checkpoint.require("num_rows_written")).value() >= rows
                    || !row.object("state").string("state").equals("in_progress");
        });
    }

    long tableSize(String table) {
        return (long) ((ConvexFloat64) query("_system/cli/tableSize:default",
                "{\"tableName\":\"%s\"}".formatted(table)))
                .value();
    }

    ConvexObject confirmed(String id) {
        awaitImport(id, "waiting_for_confirmation");
        assertThat(post("/api/perform_import", "{\"importId\":\"%s\"}".formatted(id)).statusCode()).isEqualTo(200);
        return awaitImport(id, "completed", "failed");
    }

    ConvexObject importZip(Map<String, String> files, String mode) {
        return confirmed(upload(zip(files), 100, "{\"mode\":\"%s\",\"format\":\"zip\"}".formatted(mode)));
    }

    /** One shot. */
    HttpResponse<byte[]> importNow(String table, String format, String mode, String content) {
        return send("POST", "/api/import?tableName=%s&format=%s&mode=%s".formatted(table, format, mode),
                content.getBytes(StandardCharsets.UTF_8), "application/octet-stream");
    }
}
