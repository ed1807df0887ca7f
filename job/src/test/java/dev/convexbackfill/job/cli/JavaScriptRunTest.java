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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.testsupport.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans with functions in JavaScript, from their file to the documents. */
class JavaScriptRunTest {

    private static final String HEAD = "apiVersion: backfill/v1\nname: names\ntable: people\nranges: 4\n";
    private static final String ONE = HEAD + "transform: { javascript: ./migrate.js, function: migrateOne }\n";
    private static final String AMONG_OTHERS = HEAD + """
            transform:
              - rename: { from: name, to: label }
              - javascript: { file: ./migrate.js, function: migrateOne, when: 'doc.n > 0.0', onError: %s }
              - set: { field: done, value: true }
            """;
    private static final String REPAIR = "people:repair";

    @TempDir
    private Path folder;

    private LocalDeployment deployment;

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(folder.resolve("plan"));
        deployment = LocalDeployment.builder().alsoFunctions(List.of(
                FunctionDefinition.mutation(REPAIR, Visibility.PUBLIC, Validator.object().field("id", Validator.STRING),
                        (db, args) -> {
                            db.patch(args.string("id"), Map.of("name", ConvexValue.of("repaired")));
                            return ConvexValue.of(true);
                        })))
                .start();
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
    }

    @AfterEach
    void stop() {
        deployment.close();
    }

    private void load(String... names) {
        deployment.load("people", IntStream.range(0, names.length)
                .mapToObj(n -> ConvexObject.builder().put("name", names[n]).put("n", n).build()));
    }

    private Path write(String file, String text) throws IOException {
        return Files.writeString(folder.resolve("plan").resolve(file), text);
    }

    private int backfill(String... args) {
        return BackfillCommand.execute(Stream.concat(Stream.of(args), Stream.of("--repository",
                "jdbc:h2:file:" + folder.resolve("repository"), "--url", deployment.url().toString(),
                "--admin-key-file", folder.resolve("key").toString())).toArray(String[]::new));
    }

    /** By {@code n}. */
    private List<ConvexObject> people() {
        Map<Double, ConvexObject> people = new TreeMap<>();
        deployment.forEach("people", person -> people.put(person.number("n"),
                person.without("_id").without("_creationTime")));
        return List.copyOf(people.values());
    }

    @Test
    void aFunctionChangesEveryDocument() throws IOException {
        load("Ada Lovelace", "Plato", "Grace Hopper");
        write("migrate.js", """
                export function migrateOne({ name }) {
                  const [first, last] = name.split(" ");
                  if (last === undefined) throw new Error("one word");
                  return { first, last, name: undefined };
                }
                """);

        assertThat(backfill("run", write("plan.yaml", ONE).toString())).isEqualTo(ExitCode.COMPLETED_WITH_QUARANTINE);

        assertThat(people()).containsExactly(
                ConvexObject.builder().put("first", "Ada").put("last", "Lovelace").put("n", 0).build(),
                ConvexObject.builder().put("name", "Plato").put("n", 1).build(),
                ConvexObject.builder().put("first", "Grace").put("last", "Hopper").put("n", 2).build());
    }

    @Test
    void aFunctionIsAStepAmongOthers() throws IOException {
        load("a", "b", "c");
        write("migrate.js", """
                const migrateOne = (doc) => {
                  if (doc.label === "c") for (;;);
                  return { label: doc.label + "!" };
                };
                """);

        assertThat(backfill("run", write("plan.yaml", AMONG_OTHERS.formatted("keep")).toString())).isZero();

        assertThat(people().stream().map(person -> person.string("label"))).containsExactly("a", "b!", "c");
        assertThat(people()).allMatch(person -> person.bool("done"));
    }

    /** Where it goes on, there may be neither the plan nor the file. */
    @Test
    void aRunGoesOnWithTheCodeThatItWasLaunchedWith() throws IOException {
        load("good", "bad", "good");
        Path script = write("migrate.js", """
                export async function migrateOne(doc) {
                  if (doc.label === "bad") throw new Error("no");
                  return { label: `launched with ${doc.label}` };
                }
                """);
        Path plan = write("plan.yaml", AMONG_OTHERS.formatted("fail"));
        assertThat(backfill("run", plan.toString())).isEqualTo(ExitCode.FAILED);
        repairTheBad();
        Files.delete(plan);
        Files.delete(script);

        assertThat(backfill("resume", "names")).isZero();

        assertThat(people().stream().map(person -> person.string("label"))).containsExactly("good",
                "launched with repaired", "launched with good");
    }

    @Test
    void codeThatWasEditedMustBeAccepted() throws IOException {
        load("good", "bad", "good");
        write("migrate.js", "export const migrateOne = () => { throw 1; };");
        Path plan = write("plan.yaml", AMONG_OTHERS.formatted("fail"));
        assertThat(backfill("run", plan.toString())).isEqualTo(ExitCode.FAILED);
        write("migrate.js", "export const migrateOne = () => ({ label: 'edited' });");

        assertThat(backfill("resume", "names")).isEqualTo(ExitCode.REFUSED);
        assertThat(people()).noneMatch(person -> person.has("label") && person.string("label").equals("edited"));
        assertThat(backfill("resume", "names", "--accept-changed-plan")).isZero();

        assertThat(people().stream().map(person -> person.string("label"))).containsExactly("good", "edited", "edited");
    }

    private boolean isRangeClaimed() {
        AtomicBoolean claimed = new AtomicBoolean();
        if (deployment.hasTable("backfillLedger")) {
            deployment.forEach("backfillLedger", row -> claimed.compareAndSet(false, row.number("fence") > 0));
        }
        return claimed.get();
    }

    private void repairTheBad() {
        try (ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build()) {
            deployment.forEach("people", person -> {
                if (person.has("name") && person.string("name").equals("bad")) {
                    client.mutation(FunctionPath.of("people", "repair"),
                            ConvexObject.of("id", ConvexValue.of(person.string("_id"))), CallOptions.DEFAULT);
                }
            });
        }
    }

    @Test
    void isLeftWhenTheRunIsStoppedThoughItTakesItsTime() throws Exception {
        load(IntStream.range(0, 400).mapToObj(n -> "person " + n).toArray(String[]::new));
        // each document takes as long as one may: without being left, a chunk would take minutes
        write("migrate.js", "export const migrateOne = () => { for (;;); };");
        Path plan = write("plan.yaml", AMONG_OTHERS.formatted("keep"));
        CompletableFuture<Integer> run = CompletableFuture.supplyAsync(() -> backfill("run", plan.toString()));
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(this::isRangeClaimed);

        assertThat(BackfillCommand.execute("stop", "names", "--repository",
                "jdbc:h2:file:" + folder.resolve("repository"))).isZero();

        assertThat(run.get(1, TimeUnit.MINUTES)).isEqualTo(ExitCode.STOPPED);
    }

    @Test
    void mistakesInTheCodeAreProblemsOfThePlan() throws IOException {
        write("migrate.js", "export function migrateOne(doc) {\n  return { a: 1 ;\n}\n");
        Path plan = write("plan.yaml", HEAD + """
                transform:
                  - javascript: { file: ./migrate.js, function: migrateOne }
                  - javascript: { file: ./none.js, function: migrateOne }
                  - javascript: { file: ./migrate.txt, function: migrateOne }
                  - javascript: { file: ./migrate.js, function: 'a b', onError: { default: 1 } }
                  - javascript: { file: ./migrate.js }
                """);

        assertThatThrownBy(() -> PlanFile.read(plan, null)).isInstanceOf(RefusedException.class)
                .hasMessageContaining(
                        "plan.yaml:6: transform[0].javascript.file: SyntaxError: migrate.js:2:16 Expected")
                .hasMessageContaining("plan.yaml:7: transform[1].javascript.file: there is no file '")
                .hasMessageContaining(
                        "plan.yaml:8: transform[2].javascript.file: must be a file that ends in .js, .mjs")
                .hasMessageContaining(
                        "plan.yaml:9: transform[3].javascript.function: must be the name of a function, not 'a b'")
                .hasMessageContaining("plan.yaml:10: transform[4].javascript.function: is missing");
        assertThat(BackfillCommand.execute("check", plan.toString())).isEqualTo(ExitCode.REFUSED);
    }

    @Test
    void theCodeBelongsToWhatAPlanDoes() throws IOException {
        Path plan = write("plan.yaml", ONE);
        write("migrate.js", "export const migrateOne = () => null;");
        Plan first = PlanFile.read(plan, null);
        write("plan.yaml", "# a comment\n" + ONE);
        Plan same = PlanFile.read(plan, null);
        write("migrate.js", "export const migrateOne = () => ({});");
        Plan other = PlanFile.read(plan, null);

        assertThat(same.digest()).isEqualTo(first.digest());
        assertThat(other.digest()).isNotEqualTo(first.digest());
    }

    @Test
    void theExampleIsValid() {
        Plan plan = PlanFile.read(Repository.root().resolve("examples/javascript/plan.yaml"), null);

        assertThat(plan.steps()).hasSize(1);
    }
}
