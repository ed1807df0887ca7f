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
package dev.convexbackfill.readerswriters.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.transform.ChunkNotTransformedException;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsTest {

    @TempDir
    private Path folder;

    private static Plan plan(int timeoutSeconds) {
        return PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: r
                table: users
                transform:
                  - java: { plugin: sample, timeoutSeconds: %d }
                """.formatted(timeoutSeconds));
    }

    private static List<ConvexObject> documents(int count) {
        return IntStream.range(0, count).mapToObj(
                n -> ConvexObject.of("_id", ConvexValue.of("id" + n), "n", ConvexValue.number(n))).toList();
    }

    private List<DocumentOutcome> transform(String body, int timeoutSeconds, int count) throws IOException {
        try (Plugins plugins = Plugins.in(new PluginFolder(folder).with("Sample", "sample", body).path());
                TransformChain chain = TransformChain.of(plan(timeoutSeconds),
                        spec -> plugins.open((TransformSpec.Java) spec))) {
            return chain.transform(documents(count));
        }
    }

    private List<DocumentOutcome> transform(String body) throws IOException {
        return transform(body, 60, 3);
    }

    @Test
    void aChunkIsHandedOverWhole() throws IOException {
        List<DocumentOutcome> outcomes = transform(
                """
                        return Collections.nCopies(documents.size(), TransformResult.set("size", ConvexValue.number(documents.size())));
                        """);

        assertThat(outcomes).extracting(outcome -> ((DocumentOutcome.Patch) outcome).set().number("size"))
                .containsExactly(3.0, 3.0, 3.0);
    }

    @Test
    void aResultDependsOnTheWholeDocumentUnlessThePluginSaysOnWhat() throws IOException {
        List<DocumentOutcome> outcomes = transform("""
                return Collections.nCopies(documents.size(), TransformResult.set("other", ConvexValue.number(1)));
                """);

        assertThat(((DocumentOutcome.Patch) outcomes.get(1)).expect()).isEqualTo(
                ConvexObject.of("n", ConvexValue.number(1)));
    }

    @Test
    void aDocumentCanBeRefusedOrLeftAsItIs() throws IOException {
        List<DocumentOutcome> outcomes = transform("""
                return List.of(TransformResult.unchanged(), TransformResult.refused("no"),
                    new TransformResult.Changed(ConvexObject.EMPTY, Set.of("n")));
                """);

        assertThat(outcomes.get(0)).isInstanceOf(DocumentOutcome.Unchanged.class);
        assertThat(outcomes.get(1))
                .isEqualTo(new DocumentOutcome.Failed("id1", "java: no", InputDigest.of(documents(3).get(1))));
        assertThat(((DocumentOutcome.Patch) outcomes.get(2)).unset()).containsExactly("n");
    }

    @Test
    void whatBelongsToConvexCannotBeChanged() throws IOException {
        assertThat(transform("""
                return List.of(TransformResult.set("_id", ConvexValue.of("x")), TransformResult.unchanged(),
                    new TransformResult.Changed(ConvexObject.EMPTY, Set.of("_creationTime")));
                """)).extracting(outcome -> outcome.getClass().getSimpleName())
                .containsExactly("Failed", "Unchanged", "Failed");
    }

    @Test
    void aServiceThatFailsFailsTheChunkAndNoDocument() {
        assertThatThrownBy(() -> transform("throw new java.io.IOException(\"the service is down\");"))
                .isInstanceOf(ChunkNotTransformedException.class).hasMessageContaining("'sample'")
                .hasMessageContaining("the service is down");
    }

    @Test
    void onePluginThatWaitsForeverIsLeft() {
        assertThatThrownBy(() -> transform("new java.util.concurrent.CountDownLatch(1).await(); return null;",
                1, 3))
                .isInstanceOf(ChunkNotTransformedException.class).hasMessageContaining("has taken more than");
    }

    @Test
    void aResultForEachDocumentIsRequired() {
        assertThatThrownBy(() -> transform("return List.of();")).hasMessageContaining("0 results for 3 documents");
    }

    @Test
    void pluginsSeeTheirInterfaceAndNothingElseOfTheApplication() throws IOException {
        List<DocumentOutcome> outcomes = transform("""
                try {
                    Class.forName("dev.convexbackfill.readerswriters.plugin.Plugins");
                } catch (ClassNotFoundException hidden) {
                    return Collections.nCopies(documents.size(), TransformResult.refused("hidden"));
                }
                return Collections.nCopies(documents.size(), TransformResult.unchanged());
                """);

        assertThat(outcomes.getFirst()).extracting(outcome -> ((DocumentOutcome.Failed) outcome).message())
                .isEqualTo("java: hidden");
    }

    @Test
    void whatCannotBeLoadedIsSaidAtOnce() throws IOException {
        assertThatThrownBy(() -> Plugins.in(folder.resolve("nowhere"))).hasMessageContaining("no folder");
        new PluginFolder(folder).with("One", "same", "return null;").with("Two", "same", "return null;");
        assertThatThrownBy(() -> Plugins.in(folder)).hasMessageContaining("are called 'same'");
        Files.delete(folder.resolve("Two.jar"));
        try (Plugins plugins = Plugins.in(folder)) {
            assertThatThrownBy(() -> plugins.open(new TransformSpec.Java("other", ConvexObject.EMPTY, Duration.ZERO)))
                    .hasMessageContaining("no plugin 'other'").hasMessageContaining("only: same");
            assertThatThrownBy(() -> plugins.open(new TransformSpec.Java("same",
                    ConvexObject.of("wrong", ConvexValue.of(true)), Duration.ZERO)))
                    .hasMessageContaining("'wrong' is wrong");
        }
        assertThatThrownBy(() -> Plugins.none().open(new TransformSpec.Java("x", ConvexObject.EMPTY, Duration.ZERO)))
                .hasMessageContaining("--plugins");
    }
}
