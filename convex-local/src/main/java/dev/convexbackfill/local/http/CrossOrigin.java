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

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/** Lets pages of every origin call, with what they like to send. Source: {@code cors()} in {@code crates/local_backend}. */
final class CrossOrigin {

    private static final String METHODS = "GET,POST,OPTIONS,PATCH,DELETE,PUT";
    private static final String SECONDS_TO_REMEMBER = "86400";

    private CrossOrigin() {}

    /** Adds to every answer what browsers look for. */
    static void allow(HttpFields request, HttpFields.Mutable response) {
        response.put("vary", "origin, access-control-request-method, access-control-request-headers");
        response.put(HttpHeader.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        mirror(request.get(HttpHeader.ORIGIN), HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, response);
    }

    /** Adds to the answer of an OPTIONS request what may follow it. */
    static void allowToCome(HttpFields request, HttpFields.Mutable response) {
        response.put(HttpHeader.ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        response.put(HttpHeader.ACCESS_CONTROL_MAX_AGE, SECONDS_TO_REMEMBER);
        mirror(request.get(HttpHeader.ACCESS_CONTROL_REQUEST_HEADERS), HttpHeader.ACCESS_CONTROL_ALLOW_HEADERS,
                response);
    }

    private static void mirror(@Nullable String value, HttpHeader as, HttpFields.Mutable response) {
        if (value != null) {
            response.put(as, value);
        }
    }
}
