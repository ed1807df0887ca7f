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
package dev.convexbackfill.config.plan;

import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.config.expression.Expression;
import java.util.Map;

/**
 * A mutation of the app's own that writes what the steps have made.
 *
 * @param args by name, what it is called with for a document; empty for its id and what the steps have changed
 */
public record Sink(FunctionPath mutation, Per per, Map<String, Expression> args) {

    public Sink {
        args = Map.copyOf(args);
    }

    /** How many documents a call is for. */
    public enum Per {
        /** One. */
        DOCUMENT("document"),
        /** As many as a chunk takes: what one of them would be called with is an element of {@code documents}. */
        CHUNK("chunk");

        private final String word;

        Per(String word) {
            this.word = word;
        }

        /** What plans call it. */
        public String word() {
            return word;
        }
    }

    /** Two sinks with equal values are the same. */
    ConvexObject toValue() {
        ConvexObject.Builder expressions = ConvexObject.builder();
        args.forEach((name, expression) -> expressions.put(name, expression.toString()));
        return ConvexObject.builder().put("mutation", mutation.value()).put("per", per.word())
                .put("args", expressions.build()).build();
    }
}
