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

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.job.demo.Cities;
import dev.convexbackfill.job.progress.ProgressText;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.local.limits.DeploymentLimits;
import dev.convexbackfill.local.snapshot.ImportFormat;
import dev.convexbackfill.local.snapshot.ImportMode;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "local", description = "Serve a local Convex deployment on loopback, with the functions installed.")
final class LocalCommand implements Callable<Integer> {

    @Option(names = "--port", defaultValue = "3210", description = "Default: ${DEFAULT-VALUE}; 0 is any free port.")
    private int port;

    @Option(names = "--admin-key", paramLabel = "KEY", description = "The key to it. Default: one made for this deployment.")
    private @Nullable String adminKey;

    @Option(names = "--data", paramLabel = "DIR", description = "Where to keep the documents. Default: in memory.")
    private @Nullable Path data;

    @Option(names = "--latency", paramLabel = "TIME", defaultValue = "0ms", description = "Hold every call for so long, as a network would. Default: ${DEFAULT-VALUE}.")
    private String latency = "0ms";

    @Option(names = "--limits", paramLabel = "cloud|off", defaultValue = "off", description = "cloud: as many calls and writes at once as the smallest class of hosted deployments (16 queries, 16 mutations, 4 MiB/s), and failures unexplained. Default: ${DEFAULT-VALUE}.")
    private String limits = "off";

    @Option(names = "--sample", paramLabel = "NAME", description = "Load a table if there is none of that name: cities, 135,233 places of the world.")
    private @Nullable String sample;

    @Option(names = "--functions", paramLabel = "DIR", description = "Deploy the app in this folder, and again when it changes. Takes Node.")
    private @Nullable Path functions;

    @Option(names = "--import", paramLabel = "FILE", description = "Import a snapshot (ZIP) of an export before serving, into tables that are empty or not there.")
    private @Nullable Path snapshot;

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        if (sample != null && !sample.equals(Cities.TABLE)) {
            throw new RefusedException("There is no sample '%s'; there is: %s".formatted(sample, Cities.TABLE));
        }
        DeploymentLimits deploymentLimits = deploymentLimits();
        StopSignal stop = StopSignal.never();
        try (Signals _ = Signals.onStop(stop::give); LocalDeployment deployment = start(deploymentLimits)) {
            if (snapshot != null) {
                importSnapshot(deployment, snapshot);
            }
            if (sample != null) {
                load(deployment);
            }
            // null where there is no app
            try (LocalApp _ = functions == null ? null
                    : LocalApp.deploy(deployment, functions, Cities.functions(), output, stop)) {
                announce(deployment);
                while (!stop.await(Duration.ofHours(1))) {
                    // serves until a signal comes
                }
            }
        }
        return ExitCode.COMPLETED;
    }

    private void announce(LocalDeployment deployment) {
        output.say("""
                A local Convex deployment is serving. In another terminal:

                  export CONVEX_URL=%s
                  export CONVEX_DEPLOY_KEY='%s'

                Ctrl-C ends it%s.""".formatted(deployment.url(), deployment.adminKey().value(),
                data == null ? " and forgets its documents" : "; its documents stay in " + data));
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        result.put("url", deployment.url().toString());
        result.put("adminKey", deployment.adminKey().value());
        output.result(result);
    }

    private DeploymentLimits deploymentLimits() {
        return switch (limits) {
            case "cloud" -> DeploymentLimits.CLOUD;
            case "off" -> DeploymentLimits.OFF;
            default -> throw new RefusedException("--limits is 'cloud' or 'off', not '%s'".formatted(limits));
        };
    }

    private LocalDeployment start(DeploymentLimits deploymentLimits) {
        try {
            LocalDeployment.Builder builder = LocalDeployment.builder()
                    .port(port)
                    .deploymentLimits(deploymentLimits)
                    .alsoFunctions(Cities.functions())
                    .faults(Faults.NONE.withLatency(DurationStyle.SIMPLE.parse(latency)));
            if (adminKey != null) {
                builder.adminKey(new DeployKey(adminKey));
            }
            if (data != null) {
                builder.directory(data);
            }
            return builder.start();
        } catch (IllegalArgumentException invalid) {
            throw new RefusedException("--latency or --admin-key: %s".formatted(invalid.getMessage()), invalid);
        } catch (UncheckedIOException unusable) {
            throw new RefusedException("%s: %s. Give another --port or --data.".formatted(unusable.getMessage(),
                    requireNonNull(unusable.getCause()).getMessage()), unusable);
        }
    }

    private void importSnapshot(LocalDeployment deployment, Path file) {
        try {
            output.say("Imported %s documents from '%s'.".formatted(ProgressText.number(
                    deployment.importFile(file, ImportFormat.ZIP, ImportMode.REQUIRE_EMPTY, null)), file));
        } catch (IllegalArgumentException refused) {
            throw new RefusedException("--import: %s".formatted(refused.getMessage()), refused);
        } catch (UncheckedIOException unreadable) {
            throw new RefusedException("--import: %s".formatted(unreadable.getMessage()), unreadable);
        }
    }

    private void load(LocalDeployment deployment) {
        if (deployment.hasTable(Cities.TABLE)) {
            output.say("The table '%s' is already there and was left as it is.".formatted(Cities.TABLE));
            return;
        }
        try (Stream<ConvexObject> cities = Cities.oldDocuments()) {
            output.say("Loaded %s documents into the table '%s' (GeoNames, CC BY 4.0)."
                    .formatted(ProgressText.number(deployment.load(Cities.TABLE, cities)), Cities.TABLE));
        }
    }
}
