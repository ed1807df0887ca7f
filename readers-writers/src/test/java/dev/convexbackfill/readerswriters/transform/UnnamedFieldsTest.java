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

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.plan.FieldPath;
import dev.convexbackfill.config.plan.InvalidPlanException;
import dev.convexbackfill.config.plan.PlanParser;
import dev.convexbackfill.config.plan.Step;
import dev.convexbackfill.config.plan.TransformSpec;
import dev.convexbackfill.readerswriters.transform.DocumentOutcome.Patch;
import dev.convexbackfill.testsupport.RandomMigrations;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A step never changes fields that it does not name. Set BACKFILL_TEST_SEED to repeat what another run has tried. */
class UnnamedFieldsTest {

    private static final int STEPS = 100;
    private static final int DOCUMENTS = 40;

    private static long seed() {
        String given = System.getenv("BACKFILL_TEST_SEED");
        return given == null ? System.nanoTime() : Long.parseLong(given);
    }

    static Set<String> kinds() {
        return new RandomMigrations(0).kinds();
    }

    @Test
    void allKindsAreTried() {
        Set<String> known = Arrays.stream(TransformSpec.class.getPermittedSubclasses())
                .filter(kind -> !TransformSpec.External.class.isAssignableFrom(kind)
                        && kind != TransformSpec.Reference.class)
                .map(kind -> kind.getSimpleName().substring(0, 1).toLowerCase(Locale.ROOT)
                        + kind.getSimpleName().substring(1))
                .collect(Collectors.toSet());
        assertThat(kinds()).isEqualTo(known);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void stayAsTheyAre(String kind) {
        long seed = seed();
        RandomMigrations random = new RandomMigrations(seed);
        int changed = 0;
        for (int i = 0; i < STEPS; i++) {
            String yaml = random.step(kind);
            List<Step> steps = parse(yaml);
            if (steps.isEmpty()) {
                continue;
            }
            Set<FieldPath> named = fieldsIn(steps.getFirst().transform());
            TransformChain chain = TransformChain.of(steps);
            for (int j = 0; j < DOCUMENTS; j++) {
                ConvexObject before = ((ConvexObject) ConvexJson.decode(random.document())).with("_id",
                        ConvexValue.of("id1"));
                if (chain.transform(before) instanceof Patch patch) {
                    changed++;
                    ConvexObject after = patched(before, patch);
                    assertThat(without(named, after)).describedAs("BACKFILL_TEST_SEED=%d: %s on %s", seed, yaml, before)
                            .isEqualTo(without(named, before));
                }
            }
        }
        assertThat(changed).describedAs("changes by '%s', BACKFILL_TEST_SEED=%d", kind, seed).isPositive();
    }

    /** Empty for a step that the parser refuses, such as one that has a field twice. */
    private static List<Step> parse(String yaml) {
        try {
            return PlanParser.parse("plan.yaml",
                    "apiVersion: backfill/v1\nname: x\ntable: t\ntransform:\n  - " + yaml + "\n").steps();
        } catch (InvalidPlanException invalid) {
            return List.of();
        }
    }

    /** Every field that the specification of a step has anywhere, whatever the step does with it. */
    private static Set<FieldPath> fieldsIn(Object part) {
        return switch (part) {
            case FieldPath path -> Set.of(path);
            case List<?> list -> union(list.stream());
            case Map<?, ?> map -> union(map.values().stream());
            case Record specification -> union(Arrays.stream(specification.getClass().getRecordComponents())
                    .map(component -> value(component, specification)));
            default -> Set.of();
        };
    }

    private static Object value(RecordComponent component, Record of) {
        try {
            component.getAccessor().setAccessible(true);
            Object value = component.getAccessor().invoke(of);
            return value == null ? "" : value;
        } catch (ReflectiveOperationException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    private static Set<FieldPath> union(Stream<?> parts) {
        Set<FieldPath> all = new HashSet<>();
        parts.forEach(part -> all.addAll(fieldsIn(part == null ? "" : part)));
        return all;
    }

    private static ConvexObject patched(ConvexObject before, Patch patch) {
        ConvexObject after = before;
        for (String name : patch.unset()) {
            after = after.without(name);
        }
        for (Map.Entry<String, ConvexValue> field : patch.set().toMap().entrySet()) {
            after = after.with(field.getKey(), field.getValue());
        }
        return after;
    }

    /** What is left without the named fields, and without objects that are empty then: steps make them and take them away. */
    private static ConvexObject without(Set<FieldPath> named, ConvexObject document) {
        ConvexObject left = document;
        for (FieldPath path : named) {
            left = path.remove(left);
        }
        for (FieldPath path : named) {
            for (int depth = path.names().size() - 1; depth > 0; depth--) {
                FieldPath around = new FieldPath(path.names().subList(0, depth));
                if (around.get(left) instanceof ConvexObject object && object.isEmpty()) {
                    left = around.remove(left);
                }
            }
        }
        return left;
    }
}
