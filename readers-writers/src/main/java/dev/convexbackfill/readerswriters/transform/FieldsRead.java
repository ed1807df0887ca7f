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

import dev.convexbackfill.config.expression.Expression;
import dev.convexbackfill.config.plan.FieldPath;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a document, at its top, that a result depends on: if the app changes one of them meanwhile, the result is not
 * written.
 *
 * @param all true if it may depend on any
 */
public record FieldsRead(boolean all, Set<String> names) {

    public static final FieldsRead NONE = new FieldsRead(false, Set.of());
    public static final FieldsRead ALL = new FieldsRead(true, Set.of());

    public FieldsRead {
        names = Set.copyOf(names);
    }

    static FieldsRead of(Collection<FieldPath> paths) {
        return new FieldsRead(false, paths.stream().map(FieldPath::root).collect(Collectors.toSet()));
    }

    static FieldsRead of(@Nullable Expression expression) {
        return expression == null ? NONE
                : expression.fields().map(names -> new FieldsRead(false, names)).orElse(ALL);
    }

    FieldsRead and(FieldsRead more) {
        Set<String> both = new HashSet<>(names);
        both.addAll(more.names);
        return new FieldsRead(all || more.all, both);
    }
}
