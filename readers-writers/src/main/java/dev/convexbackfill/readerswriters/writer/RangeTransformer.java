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
package dev.convexbackfill.readerswriters.writer;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.DocumentTransform;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.springframework.batch.core.job.JobInterruptedException;

/**
 * Transforms the documents of a range, and can be left: code of the user's may take its time over a chunk. What is left ends by
 * itself, by the limits of its steps, and nobody takes its results; it is not interrupted, because it may be reading from the
 * repository.
 *
 * @param abandon given when the range is to be left at once
 */
public record RangeTransformer(DocumentTransform transform, StopSignal abandon, Executor threads) {

    /** As {@link DocumentTransform#transform}. Throws {@link JobInterruptedException} if the range was left. */
    List<DocumentOutcome> transform(List<ConvexObject> documents) throws JobInterruptedException {
        CompletableFuture<List<DocumentOutcome>> outcomes = CompletableFuture
                .supplyAsync(() -> transform.transform(documents), threads);
        try (StopSignal.Registration _ = abandon.onGiven(() -> outcomes.cancel(false))) {
            return outcomes.join();
        } catch (CancellationException left) {
            throw new JobInterruptedException("The range was left because of a stop: " + abandon.reason());
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        }
    }
}
