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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.local.auth.AdminKey;
import dev.convexbackfill.local.auth.UserAttributes;
import dev.convexbackfill.local.function.Caller;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells who calls, by the Authorization header or the {@code adminKey} in the URL, as Convex does. */
final class Authentication {

    private static final int SCHEME_LENGTH = 7;

    private final AdminKey adminKey;

    Authentication(AdminKey adminKey) {
        this.adminKey = adminKey;
    }

    /** Refuses a header that is malformed or whose key is wrong. */
    Caller identify(@Nullable String header, @Nullable String keyInUrl) {
        if (header == null) {
            if (keyInUrl == null) {
                return Caller.ANONYMOUS;
            }
            requireKey(keyInUrl);
            return Caller.ADMIN;
        }
        if (header.length() < SCHEME_LENGTH) {
            throw new RequestRefusedException(400, "InvalidHeaderFailure", "Invalid authentication header");
        }
        String scheme = header.substring(0, SCHEME_LENGTH).toLowerCase(Locale.ROOT);
        String credentials = header.substring(SCHEME_LENGTH);
        return switch (scheme) {
            case "convex " -> {
                String key = AdminKey.withoutType(credentials);
                int colon = key.indexOf(':');
                ConvexObject user = colon < 0 ? null : user(key.substring(colon + 1));
                requireKey(colon < 0 ? key : key.substring(0, colon));
                yield new Caller(true, user);
            }
            case "bearer " -> throw new RequestRefusedException(401, "NoAuthProvider",
                    "No auth provider found matching the given token (no providers configured).");
            default -> throw new RequestRefusedException(400, "InvalidAdminKey", "Invalid admin key");
        };
    }

    private void requireKey(String key) {
        if (!adminKey.matches(key)) {
            throw new RequestRefusedException(401, "BadAdminKey",
                    "The provided admin key was invalid for this instance");
        }
    }

    private static ConvexObject user(String base64) {
        try {
            return UserAttributes.of(ConvexJson.decodeObject(Base64.getDecoder().decode(base64)));
        } catch (InvalidValueException | IllegalArgumentException _) {
            throw new RequestRefusedException(400, "HeaderParseFailure", "Malformed Authorization header.");
        }
    }
}
