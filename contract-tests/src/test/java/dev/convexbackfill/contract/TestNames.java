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
package dev.convexbackfill.contract;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds tests in source code, without running them: {@code ClassName.method} and {@code file.test.ts: title}. */
final class TestNames {

    private static final Pattern ANNOTATION = Pattern
            .compile("\\s*@(?:Test|ParameterizedTest|RepeatedTest|TestFactory)\\b.*");
    private static final Pattern DISABLED = Pattern.compile("\\s*@Disabled\\b.*");
    private static final Pattern METHOD = Pattern
            .compile("\\s*(?:(?:public|protected|static)\\s+)*[\\w<>?,]+\\s+(\\w+)\\(.*");

    private static final Pattern CALL = Pattern
            .compile("(?m)^[ \\t]*(?:(describe)|(?:test|it)(?!\\.(?:skip|todo)\\b))\\b(?=[.(<])");
    private static final Pattern TITLE = Pattern
            .compile("\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\",\\s*(?:async\\b|\\(|function\\b|\\{)");

    private TestNames() {}

    /** All tests below {@code folder} that are not switched off. */
    static Set<String> below(Path folder) {
        Set<String> names = new LinkedHashSet<>();
        for (Path file : SourceTree.files(folder, "Test.java")) {
            String name = file.getFileName().toString().replace(".java", "");
            inJava(SourceTree.read(file)).forEach(method -> names.add(name + "." + method));
        }
        for (Path file : SourceTree.files(folder, ".test.ts")) {
            inTypeScript(SourceTree.read(file)).forEach(title -> names.add(file.getFileName() + ": " + title));
        }
        return names;
    }

    static Set<String> inJava(String source) {
        Set<String> methods = new LinkedHashSet<>();
        boolean isTest = false;
        boolean isDisabled = false;
        for (String line : source.lines().toList()) {
            isTest |= ANNOTATION.matcher(line).matches();
            isDisabled |= DISABLED.matcher(line).matches();
            Matcher method = METHOD.matcher(line);
            if (isTest && method.matches()) {
                if (!isDisabled) {
                    methods.add(method.group(1));
                }
                isTest = false;
                isDisabled = false;
            }
        }
        return methods;
    }

    static Set<String> inTypeScript(String source) {
        Set<String> titles = new LinkedHashSet<>();
        List<MatchResult> calls = CALL.matcher(source).results().toList();
        for (int i = 0; i < calls.size(); i++) {
            int end = i + 1 < calls.size() ? calls.get(i + 1).start() : source.length();
            Matcher title = TITLE.matcher(source).region(calls.get(i).start(), end);
            if (calls.get(i).group(1) == null && title.find()) {
                titles.add(title.group(1).replace("\\\"", "\""));
            }
        }
        return titles;
    }
}
