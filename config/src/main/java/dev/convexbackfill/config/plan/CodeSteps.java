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
package dev.convexbackfill.config.plan;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the steps that call code of the user's. */
final class CodeSteps {

    private static final List<String> EXTENSIONS = List.of(".js", ".mjs", ".cjs", ".ts", ".mts", ".cts");

    private static final Pattern FUNCTION = Pattern.compile("[A-Za-z_$][\\w$]*");

    private final CodeSource code;

    CodeSteps(CodeSource code) {
        this.code = code;
    }

    Map<String, TransformParser.Reader> readers() {
        return Map.of("javascript", of -> javaScript(of, "file"));
    }

    /** The file is under {@code fileKey}. */
    @Nullable
    TransformSpec javaScript(YamlMapping of, String fileKey) {
        Node fileNode = of.require(fileKey);
        String file = of.text(fileNode, fileKey);
        String function = of.text(of.require("function"), "function");
        if (file == null || function == null) {
            return null;
        }
        if (!FUNCTION.matcher(function).matches()) {
            of.problem("function", "must be the name of a function, not '%s'".formatted(function));
            return null;
        }
        if (EXTENSIONS.stream().noneMatch(file::endsWith)) {
            of.problem(fileKey,
                    "must be a file that ends in .js, .mjs, .cjs, .ts, .mts or .cts, not '%s'".formatted(file));
            return null;
        }
        try {
            return new TransformSpec.JavaScript(file, function, code.find(file, function));
        } catch (InvalidCodeException invalid) {
            of.problem(fileKey, String.valueOf(invalid.getMessage()));
            return null;
        }
    }
}
