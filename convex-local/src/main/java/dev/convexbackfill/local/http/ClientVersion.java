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

import java.lang.module.ModuleDescriptor.Version;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which client sends a request, as its {@code Convex-Client} header says. Source: {@code crates/common/src/version.rs} and
 * {@code deprecation.json} of the Convex backend.
 *
 * @param text    the version as it was sent
 * @param version null if it is none
 */
record ClientVersion(String client, String text, @Nullable Version version) {

    static final ClientVersion UNKNOWN = new ClientVersion("unknown", "unknownversion", null);

    private static final Pattern SEMANTIC = Pattern.compile(
            "(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?");
    private static final Set<String> NPM_FAMILY = Set.of("npm", "npm-cli", "actions");
    private static final Version CLEAN_SINCE_NPM = Version.parse("1.4.1");
    private static final Version CLEAN_SINCE_PYTHON = Version.parse("0.5.0");
    private static final Version CHUNKS_SINCE = Version.parse("1.28.0");

    private static final String UPDATE_NPM = "Update your Convex npm version with `npx convex update` or `npm update`.";
    private static final String UPDATE_PYTHON = "Update your Convex python version with `pip install --upgrade convex`.";
    private static final String UPDATE_RUST = "Update your Convex rust version with `cargo update -p convex` or by"
            + " updating `Cargo.toml`.";

    /** The newest versions that are deprecated, and that are refused. */
    private record Threshold(Version deprecated, Version refused, String help) {}

    private static final Threshold NPM = new Threshold(Version.parse("0.19.1"), Version.parse("0.19.1"), UPDATE_NPM);
    private static final Map<String, Threshold> THRESHOLDS = Map.of("npm", NPM, "npm-cli", NPM, "actions", NPM,
            "python", new Threshold(Version.parse("0.2.0"), Version.parse("0.0.2"), UPDATE_PYTHON),
            "rust", new Threshold(Version.parse("0.0.1"), Version.parse("0.0.1"), UPDATE_RUST));

    /** Reads {@code name-version}. Refuses what has no dash. */
    static ClientVersion parse(String header) {
        String[] parts = header.split("-", -1);
        if (parts.length < 2) {
            throw invalid(
                    ("Failed to parse client version string: '%s'. Expected format is {client_name}-{semver}, e.g."
                            + " my-esolang-client-0.0.1").formatted(header));
        }
        for (int split = 1; split < parts.length; split++) {
            String version = join(parts, split, parts.length);
            if (SEMANTIC.matcher(version).matches()) {
                return new ClientVersion(canonical(join(parts, 0, split)), version, Version.parse(version));
            }
        }
        return new ClientVersion(canonical(parts[0]), join(parts, 1, parts.length), null);
    }

    /** The version in the path of a websocket: only npm's clients put it there. */
    static ClientVersion ofPath(String version) {
        if (!SEMANTIC.matcher(version).matches()) {
            throw invalid("Failed to parse client version: " + version);
        }
        return new ClientVersion("npm", version, Version.parse(version));
    }

    private static RequestRefusedException invalid(String why) {
        return new RequestRefusedException(400, "InvalidClientVersion", why);
    }

    private static String join(String[] parts, int from, int to) {
        return String.join("-", Arrays.asList(parts).subList(from, to));
    }

    private static String canonical(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.equals("python-convex") ? "python" : lower;
    }

    /** A reason to refuse it, or null. */
    @Nullable
    String unsupported() {
        Threshold threshold = THRESHOLDS.get(client);
        if (threshold == null || !isAtMost(threshold.refused())) {
            return null;
        }
        return "The Convex %s package at version %s is no longer supported. %s".formatted(client, text,
                threshold.help());
    }

    /** A reason to warn it, or null. */
    @Nullable
    String deprecated() {
        Threshold threshold = THRESHOLDS.get(client);
        if (threshold == null || !isAtMost(threshold.deprecated())) {
            return null;
        }
        return ("The Convex %s package at %s is deprecated and will no longer be supported soon. When this version is no"
                + " longer supported, requests to Convex will fail, so it is best to upgrade and redeploy your application"
                + " as soon as possible. %s").formatted(client, text, threshold.help());
    }

    /** A version that can't be read counts as old here, and as new where a format is chosen. */
    private boolean isAtMost(Version limit) {
        return version == null || version.compareTo(limit) <= 0;
    }

    /** In which format it gets values unless it asks for another. */
    ValueFormat defaultFormat() {
        Version cleanSince = NPM_FAMILY.contains(client) ? CLEAN_SINCE_NPM
                : client.equals("python") ? CLEAN_SINCE_PYTHON : null;
        boolean isClean = cleanSince == null || version == null || version.compareTo(cleanSince) >= 0;
        return isClean ? ValueFormat.CLEAN : ValueFormat.ENCODED;
    }

    /** Whether it can put a large message together from parts. */
    boolean takesChunks() {
        return client.equals("npm") && version != null && version.compareTo(CHUNKS_SINCE) >= 0;
    }
}
