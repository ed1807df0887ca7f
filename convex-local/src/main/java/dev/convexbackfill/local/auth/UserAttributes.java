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
package dev.convexbackfill.local.auth;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;

/** The user that the holder of the key acts as. Source: {@code UserIdentityAttributes} of the Convex backend. */
public final class UserAttributes {

    private static final String TOKEN_IDENTIFIER = "tokenIdentifier";

    private UserAttributes() {}

    /** The attributes as functions get to see them. Throws {@link InvalidValueException} if they tell no user from others. */
    public static ConvexObject of(ConvexObject given) {
        if (given.optionalString(TOKEN_IDENTIFIER) != null) {
            return given;
        }
        String issuer = given.optionalString("issuer");
        String subject = given.optionalString("subject");
        if (issuer == null || subject == null) {
            throw new InvalidValueException(
                    "Either \"tokenIdentifier\" or \"issuer\" and \"subject\" must be set");
        }
        return given.with(TOKEN_IDENTIFIER, ConvexValue.of(issuer + "|" + subject));
    }
}
