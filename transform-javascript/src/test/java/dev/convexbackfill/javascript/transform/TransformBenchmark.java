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

import com.sun.management.OperatingSystemMXBean;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Code;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.plan.TransformSpec.External;
import dev.convexbackfill.config.plan.TransformSpec.Java;
import dev.convexbackfill.config.plan.TransformSpec.JavaScript;
import dev.convexbackfill.readerswriters.plugin.Plugins;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Patch;
import dev.convexbackfill.readerswriters.transform.ExternalTransforms;
import dev.convexbackfill.readerswriters.transform.JavaScriptEngine.Limits;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Not a test, but a benchmark: how many documents each kind of transform makes in a second of the processor, one chunk at a time, and
 * plain Java that does the same to each: split a name, and lower the case of an address. Only the ratios of one run mean something,
 * and JavaScript takes a minute to become as fast as it gets. Started by {@code build/transform-benchmark}.
 */
class TransformBenchmark {

    private static final OperatingSystemMXBean PROCESS = (OperatingSystemMXBean) ManagementFactory
            .getOperatingSystemMXBean();
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("benchmark.seconds", 60));
    private static final int CHUNK = 200;
    private static final int ROUNDS = 4;
    private static final String HEAD = "apiVersion: backfill/v1\nname: benchmark\ntable: users\ntransform:\n";
    private static final String BUILT_IN = HEAD + """
              - split: { from: fullName, into: [firstName, lastName], at: ' ', remainder: last }
              - normalize: { field: email, as: lower }
            """;
    private static final String CEL = HEAD + """
              - compute: { field: firstName, value: "doc.fullName.split(' ')[0]" }
              - compute: { field: lastName, value: "doc.fullName.split(' ', 2)[1]" }
              - compute: { field: email, value: 'doc.email.lowerAscii()' }
            """;
    private static final String PLUGIN = HEAD + "  - java: { plugin: %s }\n".formatted(NamesPlugin.NAME);
    private static final String JAVA_SCRIPT = HEAD + "  - javascript: { file: f.js, function: migrateOne }\n";
    private static final Code FUNCTION = new Code("""
            export function migrateOne({ fullName, email }) {
              const at = fullName.indexOf(" ");
              return { firstName: fullName.slice(0, at), lastName: fullName.slice(at + 1), email: email.toLowerCase() };
            }
            """, null);

    private final List<ConvexObject> documents = IntStream.range(0, CHUNK).mapToObj(TransformBenchmark::document)
            .toList();

    /** What a kind makes of a chunk. */
    private interface Kind {

        List<ConvexObject> changes(List<ConvexObject> documents);
    }

    @Test
    void documentsPerSecond() throws IOException {
        try (GraalTransforms engine = new GraalTransforms(Limits.DEFAULT);
                Plugins plugins = Plugins.in(NamesPlugin.inFolder())) {
            ExternalTransforms code = (External spec) -> switch (spec) {
                case JavaScript script -> engine.open(script, Instant.EPOCH);
                case Java plugin -> plugins.open(plugin);
                default -> throw new IllegalArgumentException(spec.toString());
            };
            try (TransformChain builtIn = chain(BUILT_IN, code);
                    TransformChain cel = chain(CEL, code);
                    TransformChain plugin = chain(PLUGIN, code);
                    TransformChain javaScript = chain(JAVA_SCRIPT, code)) {
                Map<String, Kind> kinds = new LinkedHashMap<>();
                kinds.put("plain Java", documents -> documents.stream().map(NamesPlugin::change).toList());
                kinds.put("built-in", documents -> changes(builtIn, documents));
                kinds.put("Java plugin", documents -> changes(plugin, documents));
                kinds.put("CEL", documents -> changes(cel, documents));
                kinds.put("JavaScript", documents -> changes(javaScript, documents));
                run(kinds);
            }
        }
    }

    private static TransformChain chain(String plan, ExternalTransforms code) {
        return TransformChain.of(PlanParser.parse("plan.yaml", plan, (_, _) -> FUNCTION), code);
    }

    /** Of the size that documents of apps have. */
    private static ConvexObject document(int n) {
        return ConvexObject.builder()
                .put("_creationTime", 1.7e12 + n)
                .put("_id", "j57" + "%029d".formatted(n))
                .put("active", true)
                .put("city", "Reykjavík")
                .put("email", "Ada.Lovelace.%d@Example.COM".formatted(n))
                .put("fullName", "Ada King Lovelace")
                .put("settings", ConvexObject.of("language", ConvexValue.of("is"), "theme", ConvexValue.of("dark")))
                .put("tags", ConvexValue.array(List.of(ConvexValue.of("first"), ConvexValue.of("second"))))
                .put("text", "what somebody has written about herself, some of which is never changed".repeat(4))
                .put("visits", n)
                .build();
    }

    private static List<ConvexObject> changes(TransformChain chain, List<ConvexObject> documents) {
        return chain.transform(documents).stream().map(TransformBenchmark::change).toList();
    }

    private static ConvexObject change(DocumentOutcome outcome) {
        if (outcome instanceof Patch patch) {
            return patch.set();
        }
        throw new IllegalStateException("No change: " + outcome);
    }

    /** In turns, so that a busy moment of the machine hits all; the first turn warms up. */
    private void run(Map<String, Kind> kinds) {
        List<ConvexObject> expected = documents.stream().map(NamesPlugin::change).toList();
        Map<String, Double> best = new LinkedHashMap<>();
        for (int round = 0; round <= ROUNDS; round++) {
            boolean isWarmUp = round == 0;
            kinds.forEach((name, kind) -> {
                if (!kind.changes(documents).equals(expected)) {
                    throw new IllegalStateException(name + " does something else");
                }
                double rate = rate(kind, TIME.dividedBy(ROUNDS + 1));
                if (!isWarmUp) {
                    best.merge(name, rate, Math::max);
                }
            });
        }
        @Nullable
        Double base = best.get("plain Java");
        best.forEach((name, rate) -> System.out.printf("%-12s %10.0f documents/s  1 : %.1f%n", name, rate,
                (base == null ? rate : base) / rate));
    }

    /** For each second of the processor that the process used, so that others on the machine do not count. */
    private double rate(Kind kind, Duration time) {
        long started = System.nanoTime();
        long startedCpu = PROCESS.getProcessCpuTime();
        long count = 0;
        while (System.nanoTime() - started < time.toNanos()) {
            count += kind.changes(documents).size();
        }
        return count * 1e9 / (PROCESS.getProcessCpuTime() - startedCpu);
    }
}
