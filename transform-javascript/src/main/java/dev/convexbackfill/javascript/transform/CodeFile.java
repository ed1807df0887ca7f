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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.config.plan.Code;
import dev.convexbackfill.config.plan.InvalidCodeException;
import dev.convexbackfill.javascript.node.NodeScript;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A file of code beside a plan. One without imports is taken as it is; TypeScript, and what imports others, is bundled into one,
 * which takes Node.
 *
 * @param folder of the plan
 * @param file   relative to it
 */
record CodeFile(Path folder, String file) {

    private static final Pattern IMPORT = Pattern.compile("""
            (?m)^\\s*import\\s*["'{*\\w]|^\\s*export\\b[^;\\n]*\\bfrom\\s*["']|\\brequire\\s*\\(\\s*["']""");
    private static final int MAX_LENGTH = 8 << 20;

    /** Throws {@link InvalidCodeException} if it can't be read or bundled. */
    Code read() {
        Path path = folder.resolve(file);
        if (!Files.isRegularFile(path)) {
            throw new InvalidCodeException("there is no file '%s'".formatted(path));
        }
        String text;
        try {
            text = Files.readString(path);
        } catch (MalformedInputException notUtf8) {
            throw new InvalidCodeException("'%s' is not UTF-8".formatted(path), notUtf8);
        } catch (IOException unreadable) {
            throw new InvalidCodeException("'%s' can't be read: %s".formatted(path, unreadable.getMessage()),
                    unreadable);
        }
        Code code = isTypeScript() || IMPORT.matcher(text).find() ? bundle() : new Code(text, null);
        if (code.text().length() > MAX_LENGTH) {
            throw new InvalidCodeException("'%s' has more than %d MiB, with what it imports".formatted(path,
                    MAX_LENGTH >> 20));
        }
        return code;
    }

    private boolean isTypeScript() {
        return file.endsWith("ts");
    }

    private Code bundle() {
        Path absolute = folder.toAbsolutePath().normalize();
        try {
            byte[] bundle = new NodeScript(CodeFile.class, "bundle-transform.mjs").run(absolute,
                    List.of(absolute.toString(), file));
            ConvexObject parts = (ConvexObject) ConvexJson.decodePlain(bundle);
            return new Code(parts.string("text"), parts.string("sourceMap"));
        } catch (NodeScript.FailedException failed) {
            throw new InvalidCodeException(failed.isNodeMissing()
                    ? "%s takes Node, and %s".formatted(isTypeScript() ? "TypeScript" : "a file that imports others",
                            failed.getMessage())
                    : "can't be bundled: " + failed.getMessage(), failed);
        }
    }
}
