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
package dev.convexbackfill.local.app;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.schema.InvalidSchemaException;
import dev.convexbackfill.local.store.SchemaPush;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts the app in a folder into a deployment, and again when its files change. An app that can't be deployed changes nothing:
 * the version before it stays. Not thread-safe.
 */
public final class AppDeployment implements AutoCloseable {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(300);

    private final LocalDeployment deployment;
    private final FunctionEngine engine;
    private final Path folder;
    private final List<FunctionDefinition> builtIn;
    private final Consumer<String> says;
    private @Nullable App current;
    private WatchedFiles looked = WatchedFiles.NONE;

    /**
     * An app that is not deployed yet.
     *
     * @param builtIn functions that stay, except where the app has a module of the same name
     * @param says    is told what happens, for people
     */
    public AppDeployment(LocalDeployment deployment, FunctionEngine engine, Path folder,
            Collection<FunctionDefinition> builtIn, Consumer<String> says) {
        this.deployment = deployment;
        this.engine = engine;
        this.folder = folder;
        this.builtIn = List.copyOf(builtIn);
        this.says = says;
    }

    /** Deploys the app as it is now. Throws {@link AppRefusedException}; then nothing has changed. */
    public void deploy() {
        // before they are read, so that no change is missed
        looked = WatchedFiles.of(watched());
        App app = engine.load(folder);
        try {
            pushSchema(app.schema());
        } catch (RuntimeException refused) {
            app.close();
            throw refused;
        }
        deployment.install(withBuiltIn(app.functions()));
        if (current != null) {
            current.close();
        }
        current = app;
        looked = looked.sameOf(app.watched());
        says.accept("Deployed %d functions of '%s'%s.".formatted(app.functions().size(), folder,
                app.schema() == null ? ", which has no schema" : " and its schema"));
        app.notes().forEach(says);
    }

    private void pushSchema(@Nullable String schema) {
        if (schema == null) {
            return;
        }
        SchemaPush.Outcome outcome;
        try {
            outcome = deployment.pushSchema(schema);
        } catch (InvalidSchemaException invalid) {
            throw new AppRefusedException("The schema is refused: " + invalid.getMessage(), invalid);
        }
        switch (outcome) {
            case SchemaPush.Outcome.Active _ -> {
                // as it should be
            }
            case SchemaPush.Outcome.Failed failed -> throw new AppRefusedException(
                    "The documents do not fit the schema: " + failed.error());
            case SchemaPush.Outcome.Overwritten _ -> throw new AppRefusedException(
                    "Somebody else pushed a schema at the same time; deploy again");
        }
    }

    private List<FunctionDefinition> withBuiltIn(List<FunctionDefinition> functions) {
        Set<String> modules = functions.stream().map(AppDeployment::module).collect(Collectors.toSet());
        List<FunctionDefinition> all = new ArrayList<>(functions);
        Set<String> kept = builtIn.stream().map(AppDeployment::module).filter(module -> !modules.contains(module))
                .collect(Collectors.toSet());
        builtIn.stream().filter(function -> kept.contains(module(function))).forEach(all::add);
        if (!kept.isEmpty()) {
            says.accept("The app has no module %s; what this program brings is there instead.".formatted(
                    kept.stream().sorted().map("'%s'"::formatted).collect(Collectors.joining(" or "))));
        }
        return all;
    }

    private static String module(FunctionDefinition function) {
        return function.path().substring(0, function.path().indexOf(':'));
    }

    /** Deploys whenever files of the app have changed and come to rest, until {@code stop} is given. */
    public void watch(StopSignal stop) {
        WatchedFiles before = looked;
        while (!stop.await(LOOK_AGAIN)) {
            WatchedFiles now = WatchedFiles.of(watched());
            if (now.equals(before) && !now.equals(looked)) {
                deployAgain();
            }
            before = now;
        }
    }

    private List<Path> watched() {
        return current == null ? List.of(folder) : current.watched();
    }

    private void deployAgain() {
        try {
            deploy();
        } catch (AppRefusedException refused) {
            says.accept("%s%nThe version before it goes on.".formatted(refused.getMessage()));
        }
    }

    @Override
    public void close() {
        if (current != null) {
            current.close();
        }
    }
}
