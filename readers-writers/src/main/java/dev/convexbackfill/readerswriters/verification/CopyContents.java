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
package dev.convexbackfill.readerswriters.verification;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.readerswriters.journal.IdMappingStore;
import dev.convexbackfill.readerswriters.journal.JournaledChange.Written;
import dev.convexbackfill.readerswriters.verification.ExpectedDocuments.Expected;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Compares what a run has inserted by the digests of its documents. Thread-safe.
 *
 * @param run that has inserted them, itself or by replays
 */
public record CopyContents(String run, IdMappingStore mappings, TransactionOperations transactions,
        DigestQueries digests) {

    /** Those of the sources of which the copies are there, and hold what was inserted. */
    List<Expected> right(List<Expected> sources) {
        List<String> ids = sources.stream().map(Expected::id).collect(Collectors.toList());
        Map<String, String> targets = transactions.execute(_ -> mappings.targets(run, ids));
        Map<String, DocumentDigest> contents = digests.contents(List.copyOf(targets.values()));
        return sources.stream().filter(source -> {
            String target = targets.get(source.id());
            return target != null && source.change().write() instanceof Written.Copy(_, ConvexObject inserted)
                    && DocumentDigest.ofContent(inserted, null).equals(contents.get(target));
        }).toList();
    }
}
