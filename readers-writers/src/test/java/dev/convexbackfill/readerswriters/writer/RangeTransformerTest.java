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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.readerswriters.transform.ChunkNotTransformedException;
import dev.convexbackfill.readerswriters.transform.ChunkTransform;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import dev.convexbackfill.readerswriters.transform.FieldsRead;
import dev.convexbackfill.readerswriters.transform.StepResult;
import dev.convexbackfill.readerswriters.transform.TransformChain;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.springframework.batch.core.job.JobInterruptedException;

class RangeTransformerTest {

    private static final List<ConvexObject> DOCUMENTS = List.of(ConvexObject.of("_id", ConvexValue.of("id1")));

    private final StopSignal abandon = StopSignal.never();

    private RangeTransformer transformer(UnaryOperator<ConvexObject> code) {
        TransformChain chain = TransformChain.of(PlanParser.parse("plan.yaml", """
                apiVersion: backfill/v1
                name: r
                table: users
                transform: [ { java: { plugin: code } } ]
                """), _ -> new ChunkTransform() {

            @Override
            public FieldsRead reads() {
                return FieldsRead.NONE;
            }

            @Override
            public List<StepResult> apply(List<ConvexObject> documents) {
                return documents.stream().<StepResult>map(
                        document -> new StepResult.Transformed(code.apply(document))).toList();
            }
        });
        return new RangeTransformer(chain, abandon, Thread::startVirtualThread);
    }

    @Test
    void codeThatTakesItsTimeIsLeftAndNotInterrupted() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        RangeTransformer transformer = transformer(document -> {
            begun.countDown();
            try {
                left.await();
            } catch (InterruptedException _) {
                interrupted.set(true);
            }
            ended.countDown();
            return document;
        });
        Thread.startVirtualThread(() -> {
            try {
                begun.await();
            } catch (InterruptedException never) {
                throw new IllegalStateException(never);
            }
            abandon.give("enough");
        });

        assertThatThrownBy(() -> transformer.transform(DOCUMENTS)).isInstanceOf(JobInterruptedException.class)
                .hasMessageContaining("enough");

        left.countDown();
        ended.await();
        assertThat(interrupted).isFalse();
    }

    @Test
    void aFailureOfTheCodeStaysWhatItIs() {
        RangeTransformer transformer = transformer(_ -> {
            throw new ChunkNotTransformedException("the service is down", null);
        });

        assertThatThrownBy(() -> transformer.transform(DOCUMENTS)).isInstanceOf(ChunkNotTransformedException.class)
                .hasMessage("the service is down");
    }

    @Test
    void whatIsNotLeftIsTransformed() throws JobInterruptedException {
        assertThat(transformer(document -> document).transform(DOCUMENTS))
                .singleElement().isInstanceOf(DocumentOutcome.Unchanged.class);
    }
}
