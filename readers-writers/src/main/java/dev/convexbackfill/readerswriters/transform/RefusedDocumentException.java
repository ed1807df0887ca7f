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
package dev.convexbackfill.readerswriters.transform;

/** A document that a step can't transform, and for which the plan says that the run must fail. It was not written. */
public final class RefusedDocumentException extends RuntimeException {

    private final String why;

    RefusedDocumentException(String id, String why) {
        super(("Document '%s' can't be transformed, and the plan says 'onError: fail': %s. It was not written. Correct the"
                + " plan or the document, and resume the run").formatted(id, why));
        this.why = why;
    }

    /** What the step says of the document. */
    public String why() {
        return why;
    }
}
