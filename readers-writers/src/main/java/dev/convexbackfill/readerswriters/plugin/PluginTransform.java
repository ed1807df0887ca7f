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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.plugin.DocumentTransformer;
import dev.convexbackfill.plugin.TransformResult;
import dev.convexbackfill.readerswriters.transform.ChunkNotTransformedException;
import dev.convexbackfill.readerswriters.transform.ChunkTransform;
import dev.convexbackfill.readerswriters.transform.FieldsRead;
import dev.convexbackfill.readerswriters.transform.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has a plugin transform chunks, each within the step's time-out. */
final class PluginTransform implements ChunkTransform {

    private static final Logger LOG = LoggerFactory.getLogger(PluginTransform.class);

    private final TransformSpec.Java spec;
    private final DocumentTransformer transformer;
    private final FieldsRead reads;
    /** Of its own, so that a plugin that waits can be left. */
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();

    PluginTransform(TransformSpec.Java spec, DocumentTransformer transformer) {
        this.spec = spec;
        this.transformer = transformer;
        this.reads = transformer.fieldsRead().map(names -> new FieldsRead(false, names)).orElse(FieldsRead.ALL);
    }

    @Override
    public FieldsRead reads() {
        return reads;
    }

    @Override
    public List<StepResult> apply(List<ConvexObject> documents) {
        List<TransformResult> results = call(documents);
        if (results.size() != documents.size()) {
            throw new IllegalStateException("The plugin '%s' has given %d results for %d documents"
                    .formatted(spec.plugin(), results.size(), documents.size()));
        }
        List<StepResult> steps = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            steps.add(apply(documents.get(i), results.get(i)));
        }
        return steps;
    }

    private List<TransformResult> call(List<ConvexObject> documents) {
        Future<List<TransformResult>> call = calls.submit(() -> {
            // libraries such as JDBC look there for what belongs to them
            Thread.currentThread().setContextClassLoader(transformer.getClass().getClassLoader());
            return transformer.transform(List.copyOf(documents));
        });
        try {
            return call.get(spec.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            call.cancel(true);
            throw failed("has taken more than %d s".formatted(spec.timeout().toSeconds()), late);
        } catch (InterruptedException stopped) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            throw failed("was left because of a stop", stopped);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            if (cause instanceof LinkageError) {
                throw new IllegalStateException(
                        "The plugin '%s' does not fit this version, or lacks a library: %s".formatted(spec.plugin(),
                                cause),
                        cause);
            }
            throw failed("failed: " + cause, cause);
        } catch (CancellationException closed) {
            throw failed("was closed", closed);
        }
    }

    private ChunkNotTransformedException failed(String how, Throwable cause) {
        return new ChunkNotTransformedException("The plugin '%s' %s".formatted(spec.plugin(), how), cause);
    }

    private StepResult apply(ConvexObject document, TransformResult result) {
        return switch (result) {
            case TransformResult.Unchanged() -> new StepResult.Transformed(document);
            case TransformResult.Refused(String reason) -> new StepResult.Failed("java: " + reason);
            case TransformResult.Changed changed -> change(document, changed);
        };
    }

    private StepResult change(ConvexObject document, TransformResult.Changed changed) {
        ConvexObject after = document;
        for (Map.Entry<String, ConvexValue> field : changed.set().toMap().entrySet()) {
            if (FieldName.isSystem(field.getKey())) {
                return system(field.getKey());
            }
            after = after.with(field.getKey(), field.getValue());
        }
        for (String name : changed.unset()) {
            if (FieldName.isSystem(name)) {
                return system(name);
            }
            after = after.without(name);
        }
        return new StepResult.Transformed(after);
    }

    private StepResult system(String name) {
        return new StepResult.Failed("java: the plugin '%s' has tried to change '%s', which belongs to Convex"
                .formatted(spec.plugin(), name));
    }

    @Override
    public void close() {
        calls.shutdownNow();
        try {
            transformer.close();
        } catch (RuntimeException failed) {
            LOG.warn("The plugin '{}' could not be closed", spec.plugin(), failed);
        }
    }
}
