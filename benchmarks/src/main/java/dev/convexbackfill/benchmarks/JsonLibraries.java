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
package dev.convexbackfill.benchmarks;

import com.alibaba.fastjson2.JSONReader;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.gson.stream.JsonReader;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Which JSON library the client stands on: pages of 200 documents decoded into our values by each library's streaming
 * reader. The rivals skip the checks that {@link ConvexJson} makes, so they have a small head start.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class JsonLibraries {

    private static final JsonFactory JACKSON_2 = new JsonFactory();

    private byte[] page = {};
    private ConvexValue value = ConvexNull.NULL;

    @Setup
    public void fill() {
        value = Documents.page(200);
        page = ConvexJson.encode(value);
    }

    @Benchmark
    public ConvexValue jackson3() {
        return ConvexJson.decode(page);
    }

    @Benchmark
    public byte[] jackson3Encode() {
        return ConvexJson.encode(value);
    }

    @Benchmark
    public ConvexValue jackson2() throws IOException {
        try (JsonParser parser = JACKSON_2.createParser(page)) {
            parser.nextToken();
            return jackson2(parser);
        }
    }

    private static ConvexValue jackson2(JsonParser parser) throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                ConvexObject.Builder object = ConvexObject.builder();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    object.put(name.startsWith("$") ? "i" : name, jackson2(parser));
                }
                return object.build();
            }
            case START_ARRAY -> {
                List<ConvexValue> values = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    values.add(jackson2(parser));
                }
                return ConvexValue.array(values);
            }
            case VALUE_STRING -> {
                return ConvexValue.of(parser.getText());
            }
            case VALUE_TRUE, VALUE_FALSE -> {
                return ConvexValue.of(parser.getBooleanValue());
            }
            default -> {
                return ConvexValue.number(parser.getDoubleValue());
            }
        }
    }

    @Benchmark
    public ConvexValue gson() throws IOException {
        return gson(new JsonReader(new InputStreamReader(new ByteArrayInputStream(page), StandardCharsets.UTF_8)));
    }

    private static ConvexValue gson(JsonReader reader) throws IOException {
        switch (reader.peek()) {
            case BEGIN_OBJECT -> {
                ConvexObject.Builder object = ConvexObject.builder();
                reader.beginObject();
                while (reader.hasNext()) {
                    String name = reader.nextName();
                    object.put(name.startsWith("$") ? "i" : name, gson(reader));
                }
                reader.endObject();
                return object.build();
            }
            case BEGIN_ARRAY -> {
                List<ConvexValue> values = new ArrayList<>();
                reader.beginArray();
                while (reader.hasNext()) {
                    values.add(gson(reader));
                }
                reader.endArray();
                return ConvexValue.array(values);
            }
            case STRING -> {
                return ConvexValue.of(reader.nextString());
            }
            case BOOLEAN -> {
                return ConvexValue.of(reader.nextBoolean());
            }
            default -> {
                return ConvexValue.number(reader.nextDouble());
            }
        }
    }

    @Benchmark
    public ConvexValue fastjson2() {
        try (JSONReader reader = JSONReader.of(page)) {
            return fastjson2(reader);
        }
    }

    private static ConvexValue fastjson2(JSONReader reader) {
        if (reader.nextIfObjectStart()) {
            ConvexObject.Builder object = ConvexObject.builder();
            while (!reader.nextIfObjectEnd()) {
                String name = reader.readFieldName();
                object.put(name.startsWith("$") ? "i" : name, fastjson2(reader));
            }
            return object.build();
        }
        if (reader.nextIfArrayStart()) {
            List<ConvexValue> values = new ArrayList<>();
            while (!reader.nextIfArrayEnd()) {
                values.add(fastjson2(reader));
            }
            return ConvexValue.array(values);
        }
        if (reader.isString()) {
            return ConvexValue.of(reader.readString());
        }
        char first = reader.current();
        if (first == 't' || first == 'f') {
            return ConvexValue.of(reader.readBoolValue());
        }
        return ConvexValue.number(reader.readDoubleValue());
    }
}
