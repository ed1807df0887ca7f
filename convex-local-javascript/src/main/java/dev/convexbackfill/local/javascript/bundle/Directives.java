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
package dev.convexbackfill.local.javascript.bundle;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The directives with which a source begins: strings that are statements, among comments. */
final class Directives {

    private static final Pattern SKIPPED = Pattern.compile("(?:\\s+|//[^\\n]*|/\\*(?s:.*?)\\*/|#![^\\n]*|;)+");
    private static final Pattern DIRECTIVE = Pattern.compile("\"([^\"\\\\\\n]*)\"|'([^'\\\\\\n]*)'");

    private Directives() {}

    static boolean hasUseNode(String source) {
        Matcher skipped = SKIPPED.matcher(source);
        Matcher directive = DIRECTIVE.matcher(source);
        int at = 0;
        while (true) {
            if (skipped.region(at, source.length()).lookingAt()) {
                at = skipped.end();
            }
            if (!directive.region(at, source.length()).lookingAt()) {
                return false;
            }
            String text = directive.group(1) != null ? directive.group(1) : directive.group(2);
            if (text.equals("use node")) {
                return true;
            }
            at = directive.end();
        }
    }
}
