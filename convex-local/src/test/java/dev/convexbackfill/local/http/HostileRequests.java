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
package dev.convexbackfill.local.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/** Makes requests of parts that are well known, and breaks them. */
final class HostileRequests {

    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "get", "G@T",
            "TRACE");
    private static final List<String> PATHS = List.of("/api/query", "/api/mutation", "/api/action", "/api/function",
            "/api/run/m/echo", "/api/run/", "/api/query_batch", "/api/query_at_ts", "/api/query_ts", "/echo",
            "/api/check_admin_key", "/api/list_environment_variables", "/api/update_environment_variables",
            "/api/stream_function_logs", "/local/faults", "/version", "/", "//", "/../..", "/%", "/%zz", "/%00",
            "/a;b=c",
            "*", "", "http://[/", "/\u00e9", "/api/%71uery");
    private static final List<String> QUERIES = List.of("", "", "?", "?path=m:echo&args={}",
            "?path=m%3Aecho&args=%7B%7D",
            "?args=%", "?path=%zz", "?cursor=x", "?cursor=-1e309", "?adminKey=", "?adminKey=wrong", "?%c3%28=1",
            "?&&=&",
            "?path=m:echo&args=[[[[");
    private static final List<String> TYPES = List.of("application/json", "application/json; charset=utf-16",
            "text/plain",
            "", "application/json;;;", "application/x-www-form-urlencoded", "multipart/form-data", "\u00ff");
    private static final List<String> AUTHORIZATIONS = List.of("Convex x", "Convex local|wrong",
            "Convex local|wrong:e30=",
            "Bearer a.b.c", "Basic =", "C", "", "Convex ", "Convex :::", "Convex |||", "convex dev:local|wrong:%%");
    private static final List<String> BODIES = List.of("", "{", "{}", "[]", "null", "5", "\"",
            "{\"path\":\"m:echo\",\"args\":{}}",
            "{\"path\":\"m:echo\",\"args\":[{}]}", "{\"path\":\"m:echo\",\"args\":[{},{}]}",
            "{\"path\":null,\"args\":null}",
            "{\"path\":\"m:echo\",\"args\":{\"a\":{\"$integer\":\"x\"}}}",
            "{\"path\":\"m:echo\",\"args\":{\"a\":{\"$float\":5}}}",
            "{\"path\":\"m:echo\",\"args\":{\"a\":{\"$bytes\":\"=\"}}}",
            "{\"path\":\"m:echo\",\"args\":{\"$\":1}}", "{\"path\":\"m:echo\",\"args\":{\"\":1}}",
            "{\"path\":\"m:echo\",\"args\":{\"a\":1e999}}", "{\"path\":\"m:echo\",\"args\":{\"a\":\"\\ud800\"}}",
            "{\"path\":\"m:echo\",\"args\":{},\"format\":\"\u0000\"}",
            "{\"path\":\"m:echo\",\"args\":{},\"ts\":\"AAAA\"}",
            "{\"path\":\"m:echo\",\"args\":{},\"ts\":5}", "{\"queries\":[5]}",
            "{\"queries\":[{\"path\":\"m:echo\",\"args\":{\"$\":1}}]}",
            "{\"queries\":[{\"args\":{}}]}", "{\"queries\":{}}", "{\"changes\":[{\"name\":5}]}",
            "{\"path\":\"_system/cli/tableData\",\"args\":{\"table\":\"x\",\"order\":\"asc\",\"paginationOpts\":{\"numItems\":-1,\"cursor\":\"zz\"}}}",
            "{\"path\":\"" + "a/".repeat(3000) + "\",\"args\":{}}", "\u00ff\u00fe",
            "{\"path\":\"m:echo\",\"args\":{}}trailing");

    private final Random random;
    private final String key;

    HostileRequests(Random random, String key) {
        this.random = random;
        this.key = key;
    }

    private String any(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** Another request every time. */
    byte[] next() {
        String body = any(BODIES);
        byte[] bytes = body.getBytes(random.nextBoolean() ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        StringBuilder head = new StringBuilder();
        head.append(random.nextInt(3) > 0 ? "POST" : any(METHODS)).append(' ').append(any(PATHS)).append(any(QUERIES))
                .append(random.nextInt(20) == 0 ? " HTTP/9.9" : " HTTP/1.1").append("\r\n");
        if (random.nextInt(20) > 0) {
            head.append("Host: x\r\n");
        }
        head.append("Content-Type: ").append(random.nextInt(3) > 0 ? "application/json" : any(TYPES)).append("\r\n");
        switch (random.nextInt(4)) {
            case 0 -> head.append("Authorization: ").append(any(AUTHORIZATIONS)).append("\r\n");
            case 1 -> head.append("Authorization: Convex local|").append(key).append("\r\n");
            case 2 -> head.append("Authorization: Convex local|").append(key).append(':').append(noUser())
                    .append("\r\n");
            default -> {
                // nobody
            }
        }
        if (random.nextInt(15) == 0) {
            head.append("X-Long: ").append("y".repeat(random.nextInt(100_000))).append("\r\n");
        }
        switch (random.nextInt(8)) {
            case 0 -> head.append("Content-Length: ").append(bytes.length + 10).append("\r\n");
            case 1 -> head.append("Content-Length: -5\r\n");
            case 2 -> head.append("Transfer-Encoding: chunked\r\n");
            default -> head.append("Content-Length: ").append(bytes.length).append("\r\n");
        }
        head.append("Connection: close\r\n\r\n");
        byte[] whole = (head + new String(bytes, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
        for (int i = random.nextInt(4) == 0 ? random.nextInt(4) : 0; i > 0; i--) {
            whole[random.nextInt(whole.length)] = (byte) random.nextInt(256);
        }
        return whole;
    }

    private String noUser() {
        byte[] noise = new byte[random.nextInt(12)];
        random.nextBytes(noise);
        return Base64.getEncoder().encodeToString(noise);
    }
}
