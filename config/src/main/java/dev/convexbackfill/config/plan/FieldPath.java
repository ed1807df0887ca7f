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

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.FieldName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field of a document, or of an object inside it: {@code email}, {@code profile.email}.
 *
 * @param names from the outermost to the innermost; at least one
 */
public record FieldPath(List<String> names) {

    public FieldPath {
        names = List.copyOf(names);
        if (names.isEmpty()) {
            throw new IllegalArgumentException("A field path has at least one name");
        }
    }

    /** Why {@code text} is no path of a field that a plan may read or write; null if it is one. */
    public static @Nullable String problem(String text) {
        String[] names = text.split("\\.", -1);
        for (int i = 0; i < names.length; i++) {
            if (names[i].isEmpty()) {
                return "'%s' is no field: a name is empty".formatted(text);
            }
            String problem = i == 0 ? FieldName.problemOfDocumentField(names[i]) : null;
            if (problem != null) {
                return "'%s' is no field that a plan may name: %s".formatted(text, problem);
            }
            try {
                FieldName.require(names[i]);
            } catch (dev.convexbackfill.client.value.InvalidValueException invalid) {
                return "'%s' is no field: %s".formatted(text, invalid.getMessage());
            }
        }
        return null;
    }

    /** As {@link #problem}, but for a field that is only read: a plan may read those that Convex sets. */
    public static @Nullable String problemOfSource(String text) {
        return FieldName.isSystem(text) ? null : problem(text);
    }

    /** Takes a text that has no {@link #problemOfSource}. */
    public static FieldPath of(String text) {
        return new FieldPath(List.of(text.split("\\.", -1)));
    }

    /** The field of the document that the path begins in: the smallest part that Convex can write alone. */
    public String root() {
        return names.getFirst();
    }

    /** The value there, or null if the field or an object on the way is missing. */
    public @Nullable ConvexValue get(ConvexObject document) {
        ConvexValue value = document;
        for (String name : names) {
            value = value instanceof ConvexObject object ? object.get(name) : null;
        }
        return value;
    }

    /**
     * The document with {@code value} there; objects on the way are made. Throws {@link NotAnObjectException} if something
     * else is in the way.
     */
    public ConvexObject set(ConvexObject document, ConvexValue value) {
        return set(document, 0, value);
    }

    private ConvexObject set(ConvexObject object, int depth, ConvexValue value) {
        String name = names.get(depth);
        if (depth == names.size() - 1) {
            return object.with(name, value);
        }
        ConvexValue inner = object.get(name);
        return switch (inner) {
            case null -> object.with(name, set(ConvexObject.EMPTY, depth + 1, value));
            case ConvexObject nested -> object.with(name, set(nested, depth + 1, value));
            default -> throw new NotAnObjectException(
                    "'%s' can't be set: '%s' holds %s and no object".formatted(this, name, inner.typeName()));
        };
    }

    /** The document without the field; itself if it has none there. */
    public ConvexObject remove(ConvexObject document) {
        return remove(document, 0);
    }

    private ConvexObject remove(ConvexObject object, int depth) {
        String name = names.get(depth);
        if (depth == names.size() - 1) {
            return object.without(name);
        }
        return object.get(name) instanceof ConvexObject nested ? object.with(name, remove(nested, depth + 1)) : object;
    }

    @Override
    public String toString() {
        return String.join(".", names);
    }

    /** Something that is no object lies on the way to a field. */
    public static final class NotAnObjectException extends RuntimeException {

        NotAnObjectException(String message) {
            super(message);
        }
    }
}
