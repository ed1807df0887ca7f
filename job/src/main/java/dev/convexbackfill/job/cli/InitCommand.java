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

import dev.convexbackfill.job.run.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "init", description = "Write the functions and an example plan into a Convex app.")
final class InitCommand implements Callable<Integer> {

    private static final String FUNCTIONS = "/dev/convexbackfill/convex/backfill.ts";
    private static final String EXAMPLE = "/dev/convexbackfill/job/cli/example-plan.yaml";
    /** In every version of our own file, and in nobody else's. */
    private static final String MARK = "the convex-backfill authors";

    @Parameters(paramLabel = "DIR", description = "The app's folder, which has the folder convex/ in it.")
    private @Nullable Path folder;

    @Option(names = "--functions", paramLabel = "MODULE", defaultValue = "backfill", description = "Where below convex/ to put the functions, without .ts. A plan then says the same under 'functions'."
            + " Default: ${DEFAULT-VALUE}.")
    private String module = "backfill";

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws IOException {
        Path app = requireNonNull(folder);
        Path convex = app.resolve("convex");
        if (!Files.isDirectory(convex)) {
            throw new RefusedException("'%s' has no folder convex/: give the folder of a Convex app".formatted(app));
        }
        if (!module.matches("[\\w-]+(/[\\w-]+)*")) {
            throw new RefusedException(
                    "--functions must be a path below convex/ without .ts, not '%s'".formatted(module));
        }
        Path functions = convex.resolve(module + ".ts");
        String ours = resource(FUNCTIONS);
        String there = Files.exists(functions) ? Files.readString(functions) : null;
        if (there != null && !there.contains(MARK)) {
            throw new RefusedException(
                    ("'%s' is another file; it was left alone. Give --functions another place, such as"
                            + " migrations/backfill.").formatted(functions));
        }
        if (!ours.equals(there)) {
            Files.createDirectories(requireNonNull(functions.getParent()));
            Files.writeString(functions, ours);
        }
        Path plan = app.resolve("backfill-plan.yaml");
        boolean wrotePlan = !Files.exists(plan);
        if (wrotePlan) {
            Files.writeString(plan, resource(EXAMPLE).replace("functions: backfill", "functions: " + module));
        }
        Path schema = app.resolve(PlanSchemaFile.BESIDE_PLANS);
        Files.writeString(schema, PlanSchemaFile.text());
        output.say("%s %s".formatted(there == null ? "Wrote" : ours.equals(there) ? "Up to date:" : "Replaced",
                functions));
        output.say("%s %s".formatted(wrotePlan ? "Wrote" : "Left alone:", plan));
        output.say("Wrote %s, by which editors help with plans".formatted(schema));
        output.say("Next: deploy the app with `npx convex deploy`, edit the plan, and try `./backfill check %s`."
                .formatted(plan));
        output.result(Map.of("files", List.of(functions.toString(), plan.toString(), schema.toString())));
        return ExitCode.COMPLETED;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = requireNonNull(InitCommand.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
