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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.config.settings.BackfillSettings;
import dev.convexbackfill.job.app.RunContext;
import dev.convexbackfill.job.demo.Cities;
import dev.convexbackfill.job.demo.CitiesCheck;
import dev.convexbackfill.job.demo.CitiesCheck.Found;
import dev.convexbackfill.job.demo.Visitors;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.run.DeploymentCheck;
import dev.convexbackfill.job.run.DeploymentCheck.Checked;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.partitioner.range.Range;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "demo", description = "A tour on an embedded Convex deployment with real data, under a minute.")
final class DemoCommand implements Callable<Integer> {

    private static final String PLAN = "/dev/convexbackfill/job/demo/cities.yaml";
    private static final String PARIS = "2988507";

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws IOException {
        Path folder = Files.createTempDirectory("backfill-demo");
        try (LocalDeployment deployment = LocalDeployment.builder().alsoFunctions(Cities.functions()).start();
                ConvexClient client = ConvexClient.builder(deployment.url()).deployKey(deployment.adminKey()).build()) {
            load(deployment);
            Plan plan = PlanParser.parse("cities.yaml", resource(PLAN));
            output.say("The plan (examples/cities.yaml):\n%s\n".formatted(steps(plan)));
            say("Before: ", deployment);
            output.say("Meanwhile an app goes on counting visits to these cities, one after another.\n");
            Visitors visitors = new Visitors(client, CitiesCheck.ids(deployment));
            int exitCode;
            try (visitors) {
                exitCode = run(folder, deployment, client, plan);
            }
            long visits = visitors.visits();
            Found found = CitiesCheck.look(deployment);
            say("After: ", deployment);
            output.say("""
                    Looked at every document once more, apart from the run: %s of %s have the new shape, and of the
                    app's %s visits %s are there.

                    Where to go next:
                      ./backfill local --sample cities     this deployment in a terminal of its own
                      ./backfill run examples/cities.yaml  the same plan over HTTP, from another: kill it, and resume it
                      docs/guide.md                        your own app, step by step
                    """.formatted(ProgressText.number(found.inNewShape()), ProgressText.number(found.documents()),
                    ProgressText.number(visits), ProgressText.number(found.visits())));
            boolean asPromised = found.inNewShape() == found.documents() && found.visits() == visits;
            return exitCode == ExitCode.COMPLETED && !asPromised ? ExitCode.FAILED : exitCode;
        } finally {
            delete(folder);
        }
    }

    private void load(LocalDeployment deployment) {
        long start = System.nanoTime();
        try (Stream<ConvexObject> cities = Cities.oldDocuments()) {
            long loaded = deployment.load(Cities.TABLE, cities);
            output.say(
                    ("An embedded Convex deployment at %s has %s places of the world in its table '%s' (GeoNames, CC BY 4.0),"
                            + " loaded in %.1f s.\n").formatted(deployment.url(), ProgressText.number(loaded),
                                    Cities.TABLE,
                                    (System.nanoTime() - start) / 1e9));
        }
    }

    private int run(Path folder, LocalDeployment deployment, ConvexClient client, Plan plan) {
        Checked checked = new DeploymentCheck(client).check(plan);
        try (RunContext context = RunContext.open(RepositoryLocation.inFolder(folder), BackfillSettings.DEFAULT)) {
            context.repository().runs().create(plan.name(), UUID.randomUUID().toString(), deployment.url().toString(),
                    plan, null,
                    Range.cut(checked.tableNumber(), plan.ranges()));
            return RunExecution.execute(context, deployment.adminKey(), plan.name(), plan, output);
        }
    }

    private void say(String when, LocalDeployment deployment) {
        ConvexObject paris = requireNonNull(CitiesCheck.city(deployment, PARIS));
        output.say(when + ConvexJson.encodeToString(paris.without("_id").without("_creationTime")) + "\n");
    }

    private static String steps(Plan plan) {
        return plan.text().lines().filter(line -> line.startsWith("  - ")).collect(Collectors.joining("\n"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = requireNonNull(DemoCommand.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
