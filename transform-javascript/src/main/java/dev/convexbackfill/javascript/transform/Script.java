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
package dev.convexbackfill.javascript.transform;

import dev.convexbackfill.config.plan.Code;
import dev.convexbackfill.config.plan.TransformSpec.JavaScript;
import dev.convexbackfill.javascript.sandbox.SourceMap;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.polyglot.Source;
import org.jspecify.annotations.Nullable;

/**
 * A file of code, parsed once for all contexts.
 *
 * @param isModule whether it exports; else it is the body of a function, as in CommonJS
 * @param name     of the file, in messages
 * @param map      of a bundle; null for a file that is run as it is
 */
record Script(Source source, boolean isModule, String name, String function, @Nullable SourceMap map) {

    /** Where a statement can begin: what looks so in a comment or a text is rare, and does little harm. */
    private static final Pattern EXPORT = Pattern.compile("(?m)(^|[;}])\\s*(export|import)\\b\\s*[\\w{*\"'$]");
    private static final String MODULE = "application/javascript+module";

    static Script of(JavaScript spec) {
        Code code = spec.code();
        String name = spec.file().startsWith("./") ? spec.file().substring(2) : spec.file();
        boolean isModule = code.sourceMap() != null || name.endsWith(".mjs") || EXPORT.matcher(code.text()).find();
        // on one line with the code's first, so that lines stay what they are
        String text = isModule ? code.text()
                : "(function (module, exports, require) { 'use strict'; %s\n; return typeof %s === 'undefined' ? undefined : %s; })"
                        .formatted(code.text(), topLevel(spec.function()), topLevel(spec.function()));
        Source.Builder source = Source.newBuilder("js", text, name);
        return new Script((isModule ? source.mimeType(MODULE) : source).buildLiteral(), isModule, name,
                spec.function(), code.sourceMap() == null ? null : SourceMap.parse("bundle.js", code.sourceMap()));
    }

    /** {@code default} is what the file exports as a whole. */
    private static String topLevel(String function) {
        return function.equals("default") ? "undefined" : function;
    }

    /** Begins all messages. */
    String label() {
        return "javascript: %s: ".formatted(function);
    }

    /** Where something was thrown, in the user's own file, to be put behind a message: of the innermost frame; empty if unknown. */
    String place(String stack) {
        Pattern frame = Pattern.compile(Pattern.quote(name) + ":(\\d+):(\\d+)");
        Matcher matcher = frame.matcher(stack);
        return matcher.find() ? place(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))) : "";
    }

    /** As the other, for a line and a column that count from 1. */
    String place(int line, int column) {
        if (map == null) {
            return " (%s:%d)".formatted(name, line);
        }
        Optional<String> original = map.original(line, column);
        return original.map(found -> " (%s)".formatted(inFolder(found))).orElse("");
    }

    /** A source map tells it as seen from where the bundle would lie; the column is left out. */
    private static String inFolder(String place) {
        return Path.of("out").resolve(place.substring(0, place.lastIndexOf(':'))).normalize().toString();
    }
}
