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

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** The deployment's key. Thread-safe; its text form hides it. */
public final class AdminKey {

    private final byte[] key;

    public AdminKey(String key) {
        this.key = withoutType(key).getBytes(StandardCharsets.UTF_8);
    }

    /** Whether {@code given} is the key, with or without the type of a deployment before it. */
    public boolean matches(String given) {
        return MessageDigest.isEqual(key, withoutType(given).getBytes(StandardCharsets.UTF_8));
    }

    /** A key may begin with the type of its deployment, as in {@code prod:name|secret}. */
    public static String withoutType(String key) {
        int bar = key.indexOf('|');
        int colon = key.lastIndexOf(':', bar < 0 ? key.length() : bar);
        return bar < 0 || colon < 0 ? key : key.substring(colon + 1);
    }

    @Override
    public String toString() {
        return "AdminKey[hidden]";
    }
}
