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

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads plans, and finds everything that is wrong with one at once. */
public final class PlanParser {

    private static final String VERSION = "backfill/v1";
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,59}");
    private static final Pattern MODULE = Pattern.compile("[\\w-]+(/[\\w-]+)*");

    private static final int MAX_RANGES = 1000;
    private static final int DEFAULT_RANGES = 64;
    private static final int MAX_CHUNK_DOCUMENTS = 1000;
    private static final ByteSize MIN_BYTES = new ByteSize(64 << 10);
    /** Convex reads each document of a chunk twice, and a transaction reads at most 16 MiB. */
    private static final ByteSize MAX_CHUNK_BYTES = ByteSize.ofMebibytes(7);
    private static final int MAX_CONCURRENCY = 256;

    private PlanParser() {}

    /** True if a run can have that name. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** As the other, for a plan that names no code. */
    public static Plan parse(String file, String text) {
        return parse(file, text, CodeSource.NONE);
    }

    /**
     * Reads {@code text}; {@code file} is what messages call it, and {@code code} has the files of code that it names. Throws
     * {@link InvalidPlanException}.
     */
    public static Plan parse(String file, String text, CodeSource code) {
        List<PlanProblem> problems = new ArrayList<>();
        Plan plan = null;
        Node root = new YamlText(file, problems).compose(text);
        if (root != null) {
            plan = plan(root, text, code, problems);
        }
        if (plan == null || !problems.isEmpty()) {
            problems.sort(Comparator.comparingInt(PlanProblem::line));
            throw new InvalidPlanException(file, problems);
        }
        return plan;
    }

    private static @Nullable Plan plan(Node root, String text, CodeSource code, List<PlanProblem> problems) {
        YamlMapping top = YamlMapping.of(root, "", problems);
        if (top == null) {
            return null;
        }
        String version = top.text(top.require("apiVersion"), "apiVersion");
        if (version != null && !version.equals(VERSION)) {
            top.problem("apiVersion", "must be %s, not '%s'".formatted(VERSION, version));
        }
        String name = name(top);
        String table = TableNames.read(top, top.require("table"), "table");
        String functions = functions(top);
        Selection where = SourceParser.parse(top, new SelectionParser(problems).parse(top.take("where")),
                new YamlValues(problems));
        boolean hasSink = top.names().contains("sink");
        Sink sink = SinkParser.parse(top);
        Write write = WriteParser.parse(top, table, sink);
        Node transformNode = transform(top, write, hasSink);
        List<Step> steps = new TransformParser(problems, code).parse(transformNode);
        List<Ensure> ensure = new EnsureParser(problems).parse(top, write);
        Integer ranges = top.number(top.take("ranges"), "ranges", 1, MAX_RANGES);
        Plan.Chunk chunk = chunk(top, problems);
        Plan.Throttle throttle = throttle(top, problems);
        Allowance quarantine = StopParser.quarantine(top);
        StopWhen stopWhen = StopParser.stopWhen(top);
        top.close(Map.of());
        if (name == null || table == null || !problems.isEmpty()) {
            return null;
        }
        return new Plan(name, table, functions == null ? "backfill" : functions, where, steps, write,
                sink, ensure, ranges == null ? DEFAULT_RANGES : ranges, chunk, throttle, quarantine, stopWhen,
                digest(table, where, transformNode, steps, write, sink), text);
    }

    private static @Nullable Node transform(YamlMapping top, Write write, boolean hasSink) {
        if (hasSink) {
            return top.take("transform");
        }
        if (!(write instanceof Write.Delete)) {
            return top.require("transform");
        }
        if (top.take("transform") != null) {
            top.problem("transform", "has nothing to do where documents are deleted; remove it");
        }
        return null;
    }

    private static @Nullable String name(YamlMapping top) {
        String name = top.text(top.require("name"), "name");
        if (name != null && !isName(name)) {
            top.problem("name", "must be 1 to 60 lower-case letters, digits and dashes, not '%s'".formatted(name));
            return null;
        }
        return name;
    }

    private static @Nullable String functions(YamlMapping top) {
        String functions = top.text(top.take("functions"), "functions");
        if (functions != null && !MODULE.matcher(functions).matches()) {
            top.problem("functions",
                    "must be the path of backfill.ts below convex/, without .ts, not '%s'".formatted(functions));
            return null;
        }
        return functions;
    }

    private static Plan.Chunk chunk(YamlMapping top, List<PlanProblem> problems) {
        Node node = top.take("chunk");
        YamlMapping chunk = node == null ? null : YamlMapping.of(node, "chunk", problems);
        if (chunk == null) {
            return Plan.Chunk.DEFAULT;
        }
        Integer documents = chunk.number(chunk.take("documents"), "documents", 1, MAX_CHUNK_DOCUMENTS);
        ByteSize bytes = chunk.size(chunk.take("bytes"), "bytes", MIN_BYTES, MAX_CHUNK_BYTES);
        chunk.close(Map.of());
        return new Plan.Chunk(documents == null ? Plan.Chunk.DEFAULT.documents() : documents,
                bytes == null ? Plan.Chunk.DEFAULT.bytes() : bytes);
    }

    private static Plan.Throttle throttle(YamlMapping top, List<PlanProblem> problems) {
        Node node = top.take("throttle");
        YamlMapping throttle = node == null ? null : YamlMapping.of(node, "throttle", problems);
        if (throttle == null) {
            return Plan.Throttle.DEFAULT;
        }
        Integer documents = throttle.number(throttle.take("documentsPerSecond"), "documentsPerSecond", 1, 10_000_000);
        ByteSize bytes = throttle.size(throttle.take("bytesPerSecond"), "bytesPerSecond", MIN_BYTES,
                ByteSize.ofMebibytes(4096));
        Integer concurrency = throttle.number(throttle.take("concurrency"), "concurrency", 1, MAX_CONCURRENCY);
        throttle.close(Map.of());
        return new Plan.Throttle(documents, bytes,
                concurrency == null ? Plan.Throttle.DEFAULT.concurrency() : concurrency);
    }

    /**
     * Of the table, the selection, the steps, the code that they call and how their results are written: in the plan, comments, order of keys,
     * speed and name make no difference.
     */
    private static String digest(String table, Selection where, @Nullable Node transforms, List<Step> parsed,
            Write write, @Nullable Sink sink) {
        ConvexValue steps = transforms == null ? null
                : new YamlValues(new ArrayList<>()).read(transforms, "transform");
        ConvexObject transformed = ConvexObject.of("table", ConvexValue.of(table), "transform",
                steps == null ? ConvexObject.EMPTY : steps);
        ConvexObject meaning = switch (write) {
            // what plans meant before they could say how to write
            case Write.Patch _ -> transformed;
            case Write.Call _ when sink != null -> transformed.with("sink", sink.toValue());
            case Write.Call _ -> transformed;
            case Write.Replace _ -> transformed.with("write", ConvexValue.of("replace"));
            case Write.Delete _ -> transformed.with("write", ConvexValue.of("delete"));
            case Write.InsertInto(String target) -> transformed.with("write",
                    ConvexObject.of("insertInto", ConvexValue.of(target)));
        };
        List<ConvexValue> code = new ArrayList<>();
        parsed.forEach(step -> {
            if (step.transform() instanceof TransformSpec.JavaScript script) {
                code.add(ConvexValue.of(script.code().text()));
            }
        });
        if (!code.isEmpty()) {
            meaning = meaning.with("code", ConvexValue.array(code));
        }
        if (!where.equals(Selection.EVERYTHING)) {
            meaning = meaning.with("where", where.toValue());
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(ConvexJson.encodeToString(meaning).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
