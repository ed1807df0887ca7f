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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.config.expression.Expression;
import dev.convexbackfill.config.expression.ExpressionFailedException;
import dev.convexbackfill.config.plan.Sink;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import java.util.Map;

/**
 * What a function of the app's own is called with for a document.
 *
 * @param hasSteps true if it is only for documents that steps have changed; false if it is for each
 */
record FunctionCall(Sink sink, boolean hasSteps) {

    DocumentOutcome outcome(String id, ConvexObject before, ConvexObject after) {
        if (hasSteps && after.equals(before)) {
            return new DocumentOutcome.Unchanged(id);
        }
        ConvexObject set = set(before, after);
        ConvexArray unset = ConvexValue.array(
                before.names().stream().filter(name -> !after.has(name)).map(ConvexValue::of).toList());
        try {
            ConvexObject args = sink.args().isEmpty() ? whatHasChanged(id, set, unset)
                    : args(before, after, set, unset);
            return new DocumentOutcome.Call(id, args, before, after,
                    Math.max(ValueLimits.sizeOf(before), ValueLimits.sizeOf(args)));
        } catch (TransformFailedException failed) {
            return new DocumentOutcome.Failed(id, String.valueOf(failed.getMessage()), InputDigest.of(before));
        }
    }

    private static ConvexObject set(ConvexObject before, ConvexObject after) {
        ConvexObject.Builder set = ConvexObject.builder();
        after.forEach((name, value) -> {
            if (!value.equals(before.get(name))) {
                set.put(name, value);
            }
        });
        return set.build();
    }

    private ConvexObject whatHasChanged(String id, ConvexObject set, ConvexArray unset) {
        ConvexObject document = ConvexObject.of("id", ConvexValue.of(id));
        return hasSteps ? document.with("set", set).with("unset", unset) : document;
    }

    private ConvexObject args(ConvexObject before, ConvexObject after, ConvexObject set, ConvexArray unset) {
        ConvexObject.Builder args = ConvexObject.builder();
        for (Map.Entry<String, Expression> arg : sink.args().entrySet()) {
            try {
                args.put(arg.getKey(), arg.getValue().evaluateArgument(before, after, set, unset));
            } catch (ExpressionFailedException | InvalidValueException failed) {
                throw new TransformFailedException("sink.args.%s: %s".formatted(arg.getKey(), failed.getMessage()));
            }
        }
        return args.build();
    }
}
