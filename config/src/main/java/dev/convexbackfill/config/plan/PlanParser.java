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
import dev.convexbackfill.client.value.FieldName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Reads plans, and finds everything that is wrong with one at once. */
public final class PlanParser {

    private static final String VERSION = "backfill/v1";
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,59}");
    private static final Pattern MODULE = Pattern.compile("[\\w-]+(/[\\w-]+)*");
    /** Tables of convex-backfill's own. */
    private static final List<String> OWN_TABLES = List.of("backfillRuns", "backfillLedger");

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
        try {
            Optional<Node> root = new Compose(LoadSettings.builder().setLabel(file).setSchema(new CoreSchema()).build())
                    .composeString(text);
            if (root.isEmpty()) {
                problems.add(new PlanProblem(0, "", "the plan is empty; `backfill init` writes an example"));
            } else {
                plan = plan(root.get(), text, code, problems);
            }
        } catch (MarkedYamlEngineException broken) {
            int line = broken.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            problems.add(new PlanProblem(line, "", "is not valid YAML: " + broken.getProblem()));
        } catch (YamlEngineException broken) {
            problems.add(new PlanProblem(0, "", "is not valid YAML: " + broken.getMessage()));
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
        String table = table(top);
        String functions = functions(top);
        Node transformNode = top.require("transform");
        List<Step> steps = new TransformParser(problems, code).parse(transformNode);
        String write = top.text(top.take("write"), "write");
        if (write != null && !write.equals("patch")) {
            top.problem("write", "must be patch in this version, not '%s'".formatted(write));
        }
        Integer ranges = top.number(top.take("ranges"), "ranges", 1, MAX_RANGES);
        Plan.Chunk chunk = chunk(top, problems);
        Plan.Throttle throttle = throttle(top, problems);
        Plan.Quarantine quarantine = quarantine(top, problems);
        top.close(Map.of("where", "is not supported by this version: a run goes over the whole table",
                "ensure", "is not supported by this version"));
        if (name == null || table == null || transformNode == null || !problems.isEmpty()) {
            return null;
        }
        return new Plan(name, table, functions == null ? "backfill" : functions, steps,
                ranges == null ? DEFAULT_RANGES : ranges, chunk, throttle, quarantine,
                digest(table, transformNode, steps),
                text);
    }

    private static @Nullable String name(YamlMapping top) {
        String name = top.text(top.require("name"), "name");
        if (name != null && !isName(name)) {
            top.problem("name", "must be 1 to 60 lower-case letters, digits and dashes, not '%s'".formatted(name));
            return null;
        }
        return name;
    }

    private static @Nullable String table(YamlMapping top) {
        String table = top.text(top.require("table"), "table");
        if (table != null && (!FieldName.isIdentifier(table) || table.startsWith("_"))) {
            top.problem("table", "'%s' can't be the name of a table of an app".formatted(table));
            return null;
        }
        if (table != null && OWN_TABLES.contains(table)) {
            top.problem("table", "'%s' belongs to convex-backfill itself".formatted(table));
            return null;
        }
        return table;
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

    private static Plan.Quarantine quarantine(YamlMapping top, List<PlanProblem> problems) {
        Node node = top.take("quarantine");
        YamlMapping quarantine = node == null ? null : YamlMapping.of(node, "quarantine", problems);
        if (quarantine == null) {
            return Plan.Quarantine.DEFAULT;
        }
        Integer above = quarantine.number(quarantine.take("stopAbove"), "stopAbove", 0, Integer.MAX_VALUE);
        quarantine.close(Map.of());
        return above == null ? Plan.Quarantine.DEFAULT : new Plan.Quarantine(above);
    }

    /** Of the table, the steps and the code that they call: in the plan, comments, order of keys, speed and name make no difference. */
    private static String digest(String table, Node transforms, List<Step> parsed) {
        ConvexValue steps = new YamlValues(new ArrayList<>()).read(transforms, "transform");
        ConvexObject meaning = ConvexObject.of("table", ConvexValue.of(table), "transform",
                steps == null ? ConvexObject.EMPTY : steps);
        List<ConvexValue> code = new ArrayList<>();
        parsed.forEach(step -> {
            if (step.transform() instanceof TransformSpec.JavaScript script) {
                code.add(ConvexValue.of(script.code().text()));
            }
        });
        if (!code.isEmpty()) {
            meaning = meaning.with("code", ConvexValue.array(code));
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
