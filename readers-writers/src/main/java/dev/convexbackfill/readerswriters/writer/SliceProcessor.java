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

import dev.convexbackfill.readerswriters.reader.Slice;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.infrastructure.item.ItemProcessor;

/** Transforms the documents of a slice, and accounts for those that are gone. */
public record SliceProcessor(RangeTransformer transformer) implements ItemProcessor<Slice, TransformedSlice> {

    @Override
    public TransformedSlice process(Slice slice) throws JobInterruptedException {
        List<DocumentOutcome> outcomes = transformer.transform(slice.documents());
        return new TransformedSlice(slice.gone().isEmpty() ? outcomes
                : Stream.concat(outcomes.stream(), slice.gone().stream().map(DocumentOutcome.Gone::new))
                        .sorted(Comparator.comparing(DocumentOutcome::id)).toList(),
                slice.isLast());
    }
}
