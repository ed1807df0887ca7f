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

import dev.convexbackfill.local.store.ImportRefusedException;

/** A request that is answered with a status and a code instead of an envelope. */
final class RequestRefusedException extends RuntimeException {

    private final int status;
    private final String code;

    RequestRefusedException(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    /** The body is not what the route takes. */
    static RequestRefusedException badBody(String why) {
        return new RequestRefusedException(400, "BadJsonBody", "Failed to parse the request body: " + why);
    }

    /** What an import or an export is refused for. */
    static RequestRefusedException of(ImportRefusedException refused) {
        return new RequestRefusedException(refused.code().endsWith("NotFound") ? 404 : 400, refused.code(),
                String.valueOf(refused.getMessage()));
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }
}
