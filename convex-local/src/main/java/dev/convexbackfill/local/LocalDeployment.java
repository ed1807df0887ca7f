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
package dev.convexbackfill.local;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.local.faults.FaultInjector;
import dev.convexbackfill.local.faults.Faults;
import dev.convexbackfill.local.function.BackfillFunctions;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionRunner;
import dev.convexbackfill.local.function.Scheduler;
import dev.convexbackfill.local.http.HttpServer;
import dev.convexbackfill.local.limits.DeploymentLimits;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DatabaseSchema;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.snapshot.ImportFormat;
import dev.convexbackfill.local.snapshot.ImportMode;
import dev.convexbackfill.local.snapshot.ImportRequest;
import dev.convexbackfill.local.snapshot.Snapshots;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.local.store.ImportRefusedException;
import dev.convexbackfill.local.store.IndexBounds;
import dev.convexbackfill.local.store.Maintenance;
import dev.convexbackfill.local.store.SchemaPush;
import dev.convexbackfill.local.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * A Convex deployment in this process, for laptops, rehearsals and tests: real ids, serializable transactions, Convex's
 * limits and its HTTP API on loopback. Thread-safe. Closing it keeps what lies in its directory.
 */
public final class LocalDeployment implements AutoCloseable {

    private final DeployKey adminKey;
    private final Store store;
    private final FaultInjector faults = new FaultInjector();
    private final FunctionRunner runner;
    private final Maintenance maintenance;
    private final SchemaPush schemas;
    private final Snapshots snapshots;
    private final HttpServer server;
    private final Scheduler scheduler;
    private final StopSignal closing = StopSignal.never();

    private LocalDeployment(Builder builder, Store store) {
        this.store = store;
        byte[] secret = store.secret();
        this.adminKey = builder.adminKey != null ? builder.adminKey
                : new DeployKey(builder.instanceName + "|" + HexFormat.of().formatHex(secret));
        this.runner = new FunctionRunner(store, builder.limits, builder.deploymentLimits, secret, closing);
        this.runner.install(builder.functions);
        this.faults.set(builder.faults);
        this.maintenance = Maintenance.start(store);
        this.schemas = new SchemaPush(store, maintenance, closing);
        this.snapshots = new Snapshots(store, builder.directory, closing);
        try {
            if (!builder.schema.equals(DocumentSchema.NONE)) {
                requireActive(schemas.push(builder.schema.toDatabaseSchema()));
            }
            this.server = HttpServer.start(builder.port, builder.instanceName, adminKey.value(), store, runner, schemas,
                    faults, snapshots, builder.clock, builder.deploymentLimits, closing);
        } catch (RuntimeException failed) {
            closing.give("the deployment did not start");
            snapshots.close();
            maintenance.close();
            throw failed;
        }
        this.runner.setBuiltInVariables(Map.of("CONVEX_CLOUD_URL", server.url().toString()));
        this.scheduler = Scheduler.start(store, runner, closing);
    }

    private static void requireActive(SchemaPush.Outcome outcome) {
        if (outcome instanceof SchemaPush.Outcome.Failed failed) {
            throw new IllegalStateException("The documents do not fit the schema: " + failed.error());
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    public URI url() {
        return server.url();
    }

    /** The key that may do everything: the given one, or one made of the deployment's secret. */
    public DeployKey adminKey() {
        return adminKey;
    }

    /** What goes wrong with calls from now on. */
    public void setFaults(Faults now) {
        faults.set(now);
    }

    /** Replaces the functions that the app has deployed. */
    public void install(Collection<FunctionDefinition> functions) {
        runner.install(functions);
    }

    /**
     * Gives the deployment another schema and returns when it is in force with its indexes, or never will be; meanwhile the
     * app goes on. A schema stays until the next, also over restarts.
     *
     * @param exported as {@code schema.export()} of the Convex library gives it
     * @throws dev.convexbackfill.local.schema.InvalidSchemaException for what Convex refuses to deploy
     */
    public SchemaPush.Outcome pushSchema(String exported) {
        return schemas.push(DatabaseSchema.fromExport(exported));
    }

    /** The steps of {@link #pushSchema}, one by one. */
    public SchemaPush schemas() {
        return schemas;
    }

    /**
     * Makes a table of documents, whatever the schema says, without limits and as fast as it goes. The table appears as a
     * whole: if the process dies meanwhile, nothing of it is there. A table that has documents already gets them as they
     * come. Returns how many.
     */
    public long load(String table, Stream<ConvexObject> documents) {
        return snapshots.load(table, documents);
    }

    /**
     * Imports a file and waits for it. Returns how many documents it had. Throws {@link IllegalArgumentException} with the
     * reason for a file that can't be imported; then nothing was changed, unless the mode is to append.
     */
    public long importFile(Path file, ImportFormat format, ImportMode mode, @Nullable String table) {
        try (InputStream in = Files.newInputStream(file)) {
            return snapshots.importNow(new ImportRequest(format, mode, table), in);
        } catch (ImportRefusedException refused) {
            throw new IllegalArgumentException(refused.getMessage(), refused);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The file '%s' can't be read".formatted(file), unreadable);
        }
    }

    /** Shows every document of a table to {@code visitor}, oldest first, as of now. */
    public void forEach(String table, Consumer<ConvexObject> visitor) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(store,
                new TransactionUsage(TransactionLimits.NONE),
                DocumentSchema.NONE)) {
            transaction.scan(table, "by_creation_time", IndexBounds.ALL, false, null)
                    .forEachRemaining(document -> visitor.accept(document.value()));
        }
    }

    public boolean hasTable(String table) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(store,
                new TransactionUsage(TransactionLimits.NONE),
                DocumentSchema.NONE)) {
            return transaction.tableNumbers().containsKey(table);
        }
    }

    /** What it holds. */
    public Store store() {
        return store;
    }

    @Override
    public void close() {
        closing.give("the deployment is closing");
        server.close();
        scheduler.close();
        snapshots.close();
        maintenance.close();
        store.close();
    }

    /** Collects the settings of a deployment. */
    public static final class Builder {

        private int port;
        private String instanceName = "local";
        private @Nullable DeployKey adminKey;
        private @Nullable Path directory;
        private TransactionLimits limits = TransactionLimits.CONVEX;
        private DeploymentLimits deploymentLimits = DeploymentLimits.OFF;
        private DocumentSchema schema = DocumentSchema.NONE;
        private List<FunctionDefinition> functions = BackfillFunctions.all();
        private Faults faults = Faults.NONE;
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /** Where to serve on loopback; 0, the default, is any free port. */
        public Builder port(int number) {
            this.port = number;
            return this;
        }

        /** {@code local} by default. */
        public Builder instanceName(String name) {
            this.instanceName = name;
            return this;
        }

        /** The key of the deployment; made of its secret by default. */
        public Builder adminKey(DeployKey key) {
            this.adminKey = key;
            return this;
        }

        /** Where to keep the documents; in memory by default. */
        public Builder directory(Path path) {
            this.directory = path;
            return this;
        }

        /** What one transaction may do; as Convex has it by default. */
        public Builder limits(TransactionLimits transactionLimits) {
            this.limits = transactionLimits;
            return this;
        }

        /** What the deployment does at once, and tells of failures; {@link DeploymentLimits#OFF} by default. */
        public Builder deploymentLimits(DeploymentLimits together) {
            this.deploymentLimits = together;
            return this;
        }

        /** A schema to push at the start, without indexes; by default what was pushed last stays. */
        public Builder schema(DocumentSchema documents) {
            this.schema = documents;
            return this;
        }

        /** What the app has deployed; the functions of convex-backfill by default. */
        public Builder functions(Collection<FunctionDefinition> deployed) {
            this.functions = List.copyOf(deployed);
            return this;
        }

        /** Deploys more functions. */
        public Builder alsoFunctions(Collection<FunctionDefinition> deployed) {
            List<FunctionDefinition> all = new ArrayList<>(functions);
            all.addAll(deployed);
            this.functions = List.copyOf(all);
            return this;
        }

        /** What goes wrong; nothing by default. */
        public Builder faults(Faults from) {
            this.faults = from;
            return this;
        }

        public Builder clock(Clock time) {
            this.clock = time;
            return this;
        }

        /**
         * Throws {@link UncheckedIOException} if the port is taken, if the directory can't be used, or if another process has
         * it open, and {@link IllegalStateException} if the documents in it do not fit the schema.
         */
        public LocalDeployment start() {
            Store store = openStore();
            try {
                return new LocalDeployment(this, store);
            } catch (RuntimeException failed) {
                store.close();
                throw failed;
            }
        }

        private Store openStore() {
            if (directory == null) {
                return Store.inMemory(clock);
            }
            try {
                Files.createDirectories(directory);
            } catch (IOException unusable) {
                throw new UncheckedIOException("The directory '%s' can't be used".formatted(directory), unusable);
            }
            try {
                return Store.inFile(directory.resolve("deployment.mv"), clock);
            } catch (MVStoreException unusable) {
                throw new UncheckedIOException("The documents in '%s' can't be opened; does another process serve them?"
                        .formatted(directory), new IOException(unusable));
            }
        }
    }
}
