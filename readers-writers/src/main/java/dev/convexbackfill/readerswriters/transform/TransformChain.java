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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Failed;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Patch;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Unchanged;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** All steps of a plan in order, each seeing what those before it made. Pure, and thread-safe. */
public final class TransformChain {

    private final List<Transform> transforms;
    private final Set<String> readFields;

    private TransformChain(List<Transform> transforms) {
        this.transforms = List.copyOf(transforms);
        this.readFields = transforms.stream().flatMap(transform -> transform.reads().stream()).map(FieldPath::root)
                .collect(Collectors.toUnmodifiableSet());
    }

    public static TransformChain of(List<TransformSpec> specs) {
        return new TransformChain(specs.stream().map(TransformChain::compile).toList());
    }

    private static Transform compile(TransformSpec spec) {
        return switch (spec) {
            case TransformSpec.Split split -> new SplitTransform(split);
            case TransformSpec.Combine combine -> new CombineTransform(combine);
            case TransformSpec.Rename rename -> new RenameTransform(rename);
            case TransformSpec.Convert convert -> new ConvertTransform(convert);
            case TransformSpec.Default missing -> new DefaultTransform(missing);
            case TransformSpec.Drop drop -> new DropTransform(drop);
            case TransformSpec.Set set -> new SetTransform(set);
            case TransformSpec.Increment increment -> new IncrementTransform(increment);
        };
    }

    /** What is to become of {@code document}, which has its {@code _id}. Never throws for what a document holds. */
    public DocumentOutcome transform(ConvexObject document) {
        String id = document.string("_id");
        ConvexObject result = document;
        try {
            for (Transform transform : transforms) {
                result = transform.apply(result);
            }
        } catch (TransformFailedException failed) {
            return new Failed(id, String.valueOf(failed.getMessage()));
        }
        return difference(id, document, result);
    }

    private DocumentOutcome difference(String id, ConvexObject before, ConvexObject after) {
        ConvexObject.Builder set = ConvexObject.builder();
        List<String> unset = new ArrayList<>();
        Set<String> touched = new TreeSet<>();
        after.forEach((name, value) -> {
            if (!value.equals(before.get(name))) {
                set.put(name, value);
                touched.add(name);
            }
        });
        for (String name : before.names()) {
            if (!after.has(name)) {
                unset.add(name);
                touched.add(name);
            }
        }
        if (touched.isEmpty()) {
            return new Unchanged(id);
        }
        touched.addAll(readFields);
        ConvexObject.Builder expect = ConvexObject.builder();
        List<String> absent = new ArrayList<>();
        for (String name : touched) {
            ConvexValue value = before.get(name);
            if (value == null) {
                absent.add(name);
            } else {
                expect.put(name, value);
            }
        }
        return new Patch(id, expect.build(), absent, set.build(), unset, ValueLimits.sizeOf(before));
    }
}
