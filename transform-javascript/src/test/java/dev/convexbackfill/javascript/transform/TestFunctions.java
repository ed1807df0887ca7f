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
import dev.convexbackfill.config.plan.TransformSpec.JavaScript;
import dev.convexbackfill.readerswriters.transform.ChunkTransform;
import dev.convexbackfill.readerswriters.transform.JavaScriptEngine.Limits;
import dev.convexbackfill.readerswriters.transform.StepResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Functions on an engine of their own. */
final class TestFunctions implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final GraalTransforms engine;

    TestFunctions() {
        this(new Limits(Duration.ofMillis(500), 256L << 20));
    }

    TestFunctions(Limits limits) {
        engine = new GraalTransforms(limits);
    }

    GraalTransforms engine() {
        return engine;
    }

    ChunkTransform open(String code) {
        return engine.open(new JavaScript("./migrate.js", "migrateOne", new Code(code, null)), NOW);
    }

    /** What a function, given as an expression, makes of documents. */
    List<StepResult> apply(String function, ConvexObject... documents) {
        try (ChunkTransform transform = open("export const migrateOne = " + function + ";")) {
            return transform.apply(List.of(documents));
        }
    }

    /** The document as JSON, or the message of its failure. */
    String result(String function, ConvexObject document) {
        return text(apply(function, document).getFirst());
    }

    static String text(StepResult result) {
        return switch (result) {
            case StepResult.Transformed(ConvexObject after) -> ConvexJson.encodeToString(after);
            case StepResult.Failed(String message) -> message;
        };
    }

    /** {@code fields} as Convex's JSON, with an id. */
    static ConvexObject document(String fields) {
        String json = "{\"_id\":\"doc1\",\"_creationTime\":1.5%s}".formatted(fields.isEmpty() ? "" : "," + fields);
        return ConvexJson.decodeObject(json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        engine.close();
    }
}
