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
package dev.convexbackfill.job.cli;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexValue;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JsonGenerator;

/** Where commands print: results for machines on stdout if asked for, and then words for people on stderr. */
final class Output {

    @Option(names = "--json", description = "Print the result as JSON on stdout, and everything else on stderr.")
    private boolean json;

    boolean isJson() {
        return json;
    }

    /** For people. */
    PrintStream people() {
        return json ? System.err : System.out;
    }

    /** Whether people look at a terminal that can redraw a line. */
    boolean isTerminal() {
        return !json && Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    void say(String text) {
        people().println(text);
    }

    /** Prints {@code result} if JSON was asked for. Maps, collections, strings, numbers, booleans, nulls, and values of Convex
     * in its JSON only. */
    void result(Map<String, ? extends @Nullable Object> result) {
        if (json) {
            System.out.println(json(result));
        }
    }

    /** A line of JSON. */
    static String json(Map<String, ? extends @Nullable Object> result) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator generator = ConvexJson.generator(out)) {
            write(generator, result);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static void write(JsonGenerator generator, @Nullable Object value) {
        switch (value) {
            case null -> generator.writeNull();
            case Map<?, ?> map -> {
                generator.writeStartObject();
                map.forEach((name, element) -> {
                    generator.writeName(String.valueOf(name));
                    write(generator, element);
                });
                generator.writeEndObject();
            }
            case Collection<?> collection -> {
                generator.writeStartArray();
                collection.forEach(element -> write(generator, element));
                generator.writeEndArray();
            }
            case ConvexValue document -> ConvexJson.write(generator, document);
            case Boolean truth -> generator.writeBoolean(truth);
            case Long number -> generator.writeNumber(number);
            case Integer number -> generator.writeNumber(number);
            case Double number -> generator.writeNumber(number);
            default -> generator.writeString(value.toString());
        }
    }
}
