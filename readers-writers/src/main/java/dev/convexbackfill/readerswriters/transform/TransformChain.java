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
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.config.expression.ExpressionFailedException;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.OnError;
import dev.convexbackfill.config.plan.Step;
import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Failed;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Patch;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Unchanged;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** All steps of a plan in order, each seeing what those before it made. Pure, and thread-safe. */
public final class TransformChain {

    private final List<CompiledStep> steps;
    private final FieldsRead reads;

    private record CompiledStep(Step step, Transform transform) {

        /** Throws {@link TransformFailedException} or {@link ExpressionFailedException}. */
        ConvexObject apply(ConvexObject document) {
            return step.when() == null || step.when().isTrueOf(document) ? transform.apply(document) : document;
        }

        FieldsRead reads() {
            return transform.reads().and(FieldsRead.of(step.when()));
        }
    }

    private TransformChain(List<CompiledStep> steps) {
        this.steps = List.copyOf(steps);
        this.reads = steps.stream().map(CompiledStep::reads).reduce(FieldsRead.NONE, FieldsRead::and);
    }

    public static TransformChain of(List<Step> steps) {
        return new TransformChain(
                steps.stream().map(step -> new CompiledStep(step, compile(step.transform()))).toList());
    }

    private static Transform compile(TransformSpec spec) {
        return switch (spec) {
            case TransformSpec.Rename rename -> new RenameTransform(rename);
            case TransformSpec.Copy copy -> new CopyTransform(copy);
            case TransformSpec.Drop drop -> new DropTransform(drop);
            case TransformSpec.Set set -> new SetTransform(set);
            case TransformSpec.Default missing -> new DefaultTransform(missing);
            case TransformSpec.Increment increment -> new IncrementTransform(increment);
            case TransformSpec.Compute compute -> new ComputeTransform(compute);
            case TransformSpec.Split split -> new SplitTransform(split, TextCutter.of(split.at()));
            case TransformSpec.Combine combine -> new CombineTransform(combine);
            case TransformSpec.Convert convert -> new ConvertTransform(convert, Converter.of(convert.to()));
            case TransformSpec.Normalize normalize -> new NormalizeTransform(normalize);
            case TransformSpec.Nest nest -> new NestTransform(nest);
            case TransformSpec.Flatten flatten -> new FlattenTransform(flatten);
            case TransformSpec.SplitArray split -> new SplitArrayTransform(split, TextCutter.of(split.at()));
            case TransformSpec.Unique unique -> new UniqueTransform(unique);
            case TransformSpec.MapArray map -> new MapArrayTransform(map);
        };
    }

    /**
     * What is to become of {@code document}, which has its {@code _id}. Throws {@link RefusedDocumentException} where the plan
     * wants the run to fail, and nothing else for what a document holds.
     */
    public DocumentOutcome transform(ConvexObject document) {
        String id = document.string(FieldName.ID);
        ConvexObject result = document;
        for (CompiledStep step : steps) {
            try {
                result = step.apply(result);
            } catch (TransformFailedException | ExpressionFailedException failed) {
                String why = String.valueOf(failed.getMessage());
                switch (step.step().onError()) {
                    case OnError.Quarantine _ -> {
                        return new Failed(id, why);
                    }
                    case OnError.Fail _ -> throw new RefusedDocumentException(id, why);
                    case OnError.Keep _ -> {
                        // the document stays as the steps before made it
                    }
                    case OnError.Value(ConvexValue value) -> {
                        try {
                            for (FieldPath target : step.step().transform().targets()) {
                                result = Fields.set("onError", target, result, value);
                            }
                        } catch (TransformFailedException inTheWay) {
                            return new Failed(id, why + "; " + inTheWay.getMessage());
                        }
                    }
                }
            }
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
        touched.addAll(reads.names());
        if (reads.all()) {
            touched.addAll(before.names());
        }
        touched.removeIf(FieldName::isSystem);
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
