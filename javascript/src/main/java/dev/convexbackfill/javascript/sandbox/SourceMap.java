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
package dev.convexbackfill.javascript.sandbox;

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Which place of a source a place of a bundle comes from: a source map of version 3 (ECMA-426). */
public final class SourceMap {

    private static final String DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final int MORE = 32;

    private final List<String> sources = new ArrayList<>();
    /** By line of the bundle, then by its column, from 0: source, line, column. */
    private final List<TreeMap<Integer, int[]>> lines = new ArrayList<>();

    private final Path folder;

    private SourceMap(String module) {
        this.folder = requireNonNull(Path.of("out", module).getParent());
    }

    /** Reads the JSON of a module's. A map that is missing or broken knows nothing. */
    public static SourceMap parse(String module, @Nullable String json) {
        SourceMap map = new SourceMap(module);
        if (json != null) {
            try (JsonParser parser = ConvexJson.parser(json.getBytes(StandardCharsets.UTF_8))) {
                map.read(parser);
            } catch (JacksonException _) {
                return new SourceMap(module);
            }
        }
        return map;
    }

    private void read(JsonParser json) {
        json.nextToken();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals("sources") && json.currentToken() == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    sources.add(json.currentToken() == JsonToken.VALUE_STRING ? source(json.getString()) : "");
                }
            } else if (name.equals("mappings")) {
                readMappings(json.getString());
            } else {
                json.skipChildren();
            }
        }
    }

    /** As seen from the bundle, where Convex shows it. */
    private String source(String relative) {
        return Path.of("out").relativize(folder.resolve(relative).normalize()).toString().replace('\\', '/');
    }

    private void readMappings(String mappings) {
        int[] place = new int[3];
        for (String line : mappings.split(";", -1)) {
            TreeMap<Integer, int[]> segments = new TreeMap<>();
            int column = 0;
            for (String segment : line.split(",", -1)) {
                List<Integer> numbers = numbers(segment);
                if (numbers.isEmpty()) {
                    continue;
                }
                column += numbers.getFirst();
                if (numbers.size() > 3) {
                    for (int i = 0; i < place.length; i++) {
                        place[i] += numbers.get(i + 1);
                    }
                    segments.put(column, place.clone());
                }
            }
            lines.add(segments);
        }
    }

    /** Numbers in groups of 5 bits, the lowest first; the lowest bit of all is the sign. */
    private static List<Integer> numbers(String segment) {
        List<Integer> numbers = new ArrayList<>();
        int value = 0;
        int shift = 0;
        for (int i = 0; i < segment.length(); i++) {
            int digit = DIGITS.indexOf(segment.charAt(i));
            value |= (digit & (MORE - 1)) << shift;
            shift += 5;
            if ((digit & MORE) == 0) {
                numbers.add((value & 1) == 0 ? value >> 1 : -(value >> 1));
                value = 0;
                shift = 0;
            }
        }
        return numbers;
    }

    /** The file, line and column; line and column count from 1, as in stack traces. */
    public Optional<String> original(int line, int column) {
        if (line > lines.size()) {
            return Optional.empty();
        }
        var segment = lines.get(line - 1).floorEntry(column - 1);
        if (segment == null || segment.getValue()[0] >= sources.size()) {
            return Optional.empty();
        }
        int[] place = segment.getValue();
        return Optional.of("%s:%d:%d".formatted(sources.get(place[0]), place[1] + 1, place[2] + 1));
    }
}
