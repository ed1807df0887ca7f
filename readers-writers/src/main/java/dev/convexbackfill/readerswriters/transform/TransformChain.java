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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.client.value.FieldName;
import dev.convexbackfill.client.value.ValueLimits;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.Plan;
import dev.convexbackfill.config.plan.Selection;
import dev.convexbackfill.config.plan.Sink;
import dev.convexbackfill.config.plan.Step;
import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.config.plan.Write;
import dev.convexbackfill.readerswriters.quarantine.InputDigest;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Failed;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Patch;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Unchanged;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** All steps of a plan in order, each seeing what those before it made. Thread-safe; pure unless code of the user's is not. */
public final class TransformChain implements DocumentTransform {

    private final List<CompiledStep> steps;
    private final Write write;
    private final @Nullable FunctionCall call;
    private final DocumentSelection selection;
    private final FieldsRead reads;
    private final @Nullable List<String> fields;

    private record CompiledStep(Step step, ChunkTransform transform) {

        FieldsRead reads() {
            return transform.reads().and(FieldsRead.of(step.when()));
        }
    }

    private TransformChain(List<CompiledStep> steps, Write write, @Nullable FunctionCall call,
            DocumentSelection selection) {
        this.steps = List.copyOf(steps);
        this.write = write;
        this.call = call;
        this.selection = selection;
        this.reads = steps.stream().map(CompiledStep::reads).reduce(selection.reads(), FieldsRead::and);
        this.fields = write instanceof Write.Patch && !reads.all() ? fields(steps, reads) : null;
    }

    private static List<String> fields(List<CompiledStep> steps, FieldsRead reads) {
        Set<String> fields = new TreeSet<>(reads.names());
        for (CompiledStep compiled : steps) {
            TransformSpec spec = compiled.step().transform();
            spec.targets().forEach(target -> fields.add(target.root()));
            if (spec instanceof TransformSpec.Drop(List<FieldPath> dropped)) {
                dropped.forEach(field -> fields.add(field.root()));
            }
        }
        fields.removeIf(FieldName::isSystem);
        return List.copyOf(fields);
    }

    /** The fields that it reads or may write, in their order, without those of Convex; null if it may be any. */
    public @Nullable List<String> fields() {
        return fields;
    }

    /** True if what it does may depend on when Convex made a document. */
    public boolean readsCreationTime() {
        return reads.names().contains(FieldName.CREATION_TIME);
    }

    /** For steps that need nothing from outside, and patches. */
    public static TransformChain of(List<Step> steps) {
        return of(steps, new Write.Patch(), null, Selection.EVERYTHING, spec -> {
            throw new IllegalArgumentException("There is no code for " + spec);
        });
    }

    /** What a plan does to documents. Throws {@link IllegalArgumentException} if {@code external} does. */
    public static TransformChain of(Plan plan, ExternalTransforms external) {
        return of(plan.steps(), plan.write(), plan.sink(), plan.where(), external);
    }

    private static TransformChain of(List<Step> steps, Write write, @Nullable Sink sink, Selection where,
            ExternalTransforms external) {
        List<CompiledStep> compiled = new ArrayList<>();
        try {
            for (Step step : steps) {
                compiled.add(new CompiledStep(step, compile(step.transform(), external)));
            }
        } catch (RuntimeException unknown) {
            compiled.forEach(step -> step.transform().close());
            throw unknown;
        }
        return new TransformChain(compiled, write, sink == null ? null : new FunctionCall(sink, !steps.isEmpty()),
                new DocumentSelection(where));
    }

    private static ChunkTransform compile(TransformSpec spec, ExternalTransforms external) {
        return switch (spec) {
            case TransformSpec.External code -> external.open(code);
            case TransformSpec.Reference reference -> external.openReference(reference);
            case TransformSpec.Rename rename -> new EachDocument(new RenameTransform(rename));
            case TransformSpec.Copy copy -> new EachDocument(new CopyTransform(copy));
            case TransformSpec.Drop drop -> new EachDocument(new DropTransform(drop));
            case TransformSpec.Set set -> new EachDocument(new SetTransform(set));
            case TransformSpec.Default missing -> new EachDocument(new DefaultTransform(missing));
            case TransformSpec.Increment increment -> new EachDocument(new IncrementTransform(increment));
            case TransformSpec.Compute compute -> new EachDocument(new ComputeTransform(compute));
            case TransformSpec.Split split -> new EachDocument(new SplitTransform(split, TextCutter.of(split.at())));
            case TransformSpec.Combine combine -> new EachDocument(new CombineTransform(combine));
            case TransformSpec.Convert convert -> new EachDocument(
                    new ConvertTransform(convert, Converter.of(convert.to())));
            case TransformSpec.Normalize normalize -> new EachDocument(new NormalizeTransform(normalize));
            case TransformSpec.Nest nest -> new EachDocument(new NestTransform(nest));
            case TransformSpec.Flatten flatten -> new EachDocument(new FlattenTransform(flatten));
            case TransformSpec.SplitArray split -> new EachDocument(
                    new SplitArrayTransform(split, TextCutter.of(split.at())));
            case TransformSpec.Unique unique -> new EachDocument(new UniqueTransform(unique));
            case TransformSpec.MapArray map -> new EachDocument(new MapArrayTransform(map));
        };
    }

    /** What is to become of one document; see the other. */
    public DocumentOutcome transform(ConvexObject document) {
        return transform(List.of(document)).getFirst();
    }

    @Override
    public List<DocumentOutcome> transform(List<ConvexObject> documents) {
        List<DocumentInWork> all = documents.stream().map(document -> new DocumentInWork(document, selection)).toList();
        for (CompiledStep step : steps) {
            List<DocumentInWork> affected = all.stream().filter(document -> document.isAffectedBy(step.step()))
                    .toList();
            if (!affected.isEmpty()) {
                apply(step, affected);
            }
        }
        return all.stream().map(this::outcome).toList();
    }

    private static void apply(CompiledStep step, List<DocumentInWork> affected) {
        List<StepResult> results = step.transform().apply(affected.stream().map(DocumentInWork::document).toList());
        if (results.size() != affected.size()) {
            throw new IllegalStateException("A step has given %d results for %d documents".formatted(results.size(),
                    affected.size()));
        }
        for (int i = 0; i < results.size(); i++) {
            affected.get(i).take(step.step(), results.get(i));
        }
    }

    private DocumentOutcome outcome(DocumentInWork work) {
        String failure = work.failure();
        if (failure != null) {
            return new Failed(work.id(), failure, InputDigest.of(work.before()));
        }
        if (!work.isSelected()) {
            return unchanged(work.id(), work.before());
        }
        return switch (write) {
            case Write.Patch _ -> difference(work.id(), work.before(), work.document());
            case Write.Replace _ -> {
                DocumentOutcome replaced = WholeDocument.replaced(work.id(), work.before(), work.document());
                yield replaced instanceof Unchanged ? unchanged(work.id(), work.before()) : replaced;
            }
            case Write.Delete _ -> WholeDocument.deleted(work.id(), work.before());
            case Write.InsertInto into -> WholeDocument.inserted(work.id(), work.before(), work.document(), into);
            case Write.Call _ -> requireNonNull(call, "a plan that writes by a call has a sink").outcome(work.id(),
                    work.before(), work.document());
        };
    }

    private Unchanged unchanged(String id, ConvexObject document) {
        return new Unchanged(id, call != null ? null
                : DocumentDigest.of(id, DocumentDigest.ofContent(document, fields)));
    }

    private DocumentOutcome difference(String id, ConvexObject before, ConvexObject after) {
        Set<String> written = new LinkedHashSet<>();
        before.forEachDifference(after, (name, _, _) -> written.add(name));
        if (written.isEmpty()) {
            return unchanged(id, before);
        }
        Collection<String> involved = involved(before, written);
        return new Patch(id, before.only(involved), missing(involved, before), reads.all(), after.only(written),
                missing(written, after), ValueLimits.sizeOf(before));
    }

    private static List<String> missing(Collection<String> names, ConvexObject document) {
        List<String> missing = new ArrayList<>();
        for (String name : names) {
            if (!document.has(name)) {
                missing.add(name);
            }
        }
        return missing;
    }

    /** The fields that are written, and those that may have led to that; without those of Convex. */
    private Collection<String> involved(ConvexObject before, Set<String> written) {
        if (fields != null && fields.containsAll(written)) {
            return fields;
        }
        Set<String> involved = new TreeSet<>(written);
        involved.addAll(fields == null ? before.names() : fields);
        involved.removeIf(FieldName::isSystem);
        return involved;
    }

    @Override
    public void close() {
        steps.forEach(step -> step.transform().close());
    }
}
