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
package dev.convexbackfill.client.value;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/**
 * An object, or a whole document: fields in the order of their names, as Convex stores them. Immutable; what changes it
 * returns another.
 */
public final class ConvexObject implements ConvexValue {

    /** The object without fields. */
    public static final ConvexObject EMPTY = new ConvexObject(new String[0], new ConvexValue[0]);

    /** Names so few are found faster by asking each whether it is equal than by comparing in their order. */
    private static final int FEW = 12;

    // sorted; two arrays are half the memory of a map, and a page holds thousands of these
    private final String[] names;
    private final ConvexValue[] values;

    private ConvexObject(String[] names, ConvexValue[] values) {
        this.names = names;
        this.values = values;
    }

    public static Builder builder() {
        return new Builder();
    }

    public static ConvexObject of(String name, ConvexValue value) {
        return builder().put(name, value).build();
    }

    public static ConvexObject of(String name1, ConvexValue value1, String name2, ConvexValue value2) {
        return builder().put(name1, value1).put(name2, value2).build();
    }

    /** Throws {@link InvalidValueException} for a name that Convex does not take. */
    public static ConvexObject copyOf(Map<String, ? extends ConvexValue> fields) {
        Builder builder = builder();
        fields.forEach(builder::put);
        return builder.build();
    }

    /** How many fields. */
    public int size() {
        return names.length;
    }

    public boolean isEmpty() {
        return names.length == 0;
    }

    /** The name of the field at {@code index}, in the order of names. */
    public String name(int index) {
        return names[index];
    }

    /** The value of the field at {@code index}, in the order of names. */
    public ConvexValue value(int index) {
        return values[index];
    }

    public List<String> names() {
        return List.of(names);
    }

    /** The field's value, or null if the field is missing; a field that holds null answers {@link ConvexNull#NULL}. */
    public @Nullable ConvexValue get(String name) {
        int index = indexOf(name);
        return index < 0 ? null : values[index];
    }

    /** Negative if there is no such field. */
    private int indexOf(String name) {
        if (names.length > FEW) {
            return Arrays.binarySearch(names, name);
        }
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** The field's value. Throws {@link InvalidValueException} if it is missing. */
    public ConvexValue require(String name) {
        return required(name, ConvexValue.class);
    }

    public boolean has(String name) {
        return indexOf(name) >= 0;
    }

    /** The field's string. Throws {@link InvalidValueException} if it is missing or no string. */
    public String string(String name) {
        return required(name, ConvexString.class).value();
    }

    /** The field's string, or null if it is missing or null. Throws {@link InvalidValueException} for another type. */
    public @Nullable String optionalString(String name) {
        ConvexValue value = get(name);
        return value == null || value == ConvexNull.NULL ? null : string(name);
    }

    /** The field's float64. Throws {@link InvalidValueException} if it is missing or no float64. */
    public double number(String name) {
        return required(name, ConvexFloat64.class).value();
    }

    /** The field's float64 as a whole number. Throws {@link InvalidValueException} if it is missing or not whole. */
    public long wholeNumber(String name) {
        double number = number(name);
        if (number != Math.rint(number) || Math.abs(number) > 1L << 53) {
            throw new InvalidValueException("The field '%s' is %s and not a whole number".formatted(name, number));
        }
        return (long) number;
    }

    /** The field's boolean. Throws {@link InvalidValueException} if it is missing or no boolean. */
    public boolean bool(String name) {
        return required(name, ConvexBoolean.class).value();
    }

    /** The field's array. Throws {@link InvalidValueException} if it is missing or no array. */
    public ConvexArray array(String name) {
        return required(name, ConvexArray.class);
    }

    /** The field's object. Throws {@link InvalidValueException} if it is missing or no object. */
    public ConvexObject object(String name) {
        return required(name, ConvexObject.class);
    }

    private <V extends ConvexValue> V required(String name, Class<V> type) {
        ConvexValue value = get(name);
        if (!type.isInstance(value)) {
            throw new InvalidValueException("The field '%s' is %s where another type was expected".formatted(name,
                    value == null ? "missing" : value.typeName()));
        }
        return type.cast(value);
    }

    /** This object with {@code name} set to {@code value}. */
    public ConvexObject with(String name, ConvexValue value) {
        int index = Arrays.binarySearch(names, name);
        if (index >= 0) {
            ConvexValue[] changed = values.clone();
            changed[index] = value;
            return new ConvexObject(names, changed);
        }
        FieldName.require(name);
        int at = -index - 1;
        String[] moreNames = Arrays.copyOf(names, names.length + 1);
        ConvexValue[] moreValues = Arrays.copyOf(values, values.length + 1);
        System.arraycopy(names, at, moreNames, at + 1, names.length - at);
        System.arraycopy(values, at, moreValues, at + 1, values.length - at);
        moreNames[at] = name;
        moreValues[at] = value;
        return new ConvexObject(moreNames, moreValues);
    }

    /** This object without {@code name}; itself if it has no such field. */
    public ConvexObject without(String name) {
        int index = indexOf(name);
        if (index < 0) {
            return this;
        }
        String[] fewerNames = new String[names.length - 1];
        ConvexValue[] fewerValues = new ConvexValue[values.length - 1];
        System.arraycopy(names, 0, fewerNames, 0, index);
        System.arraycopy(values, 0, fewerValues, 0, index);
        System.arraycopy(names, index + 1, fewerNames, index, fewerNames.length - index);
        System.arraycopy(values, index + 1, fewerValues, index, fewerValues.length - index);
        return new ConvexObject(fewerNames, fewerValues);
    }

    /** Those of its fields that have one of these names. */
    public ConvexObject only(Collection<String> wanted) {
        String[] someNames = new String[names.length];
        ConvexValue[] someValues = new ConvexValue[names.length];
        int size = 0;
        for (int i = 0; i < names.length; i++) {
            if (wanted.contains(names[i])) {
                someNames[size] = names[i];
                someValues[size++] = values[i];
            }
        }
        return new ConvexObject(Arrays.copyOf(someNames, size), Arrays.copyOf(someValues, size));
    }

    /** This object with the fields of {@code set} instead of its own of those names, and without those of {@code unset}. */
    public ConvexObject patched(ConvexObject set, Collection<String> unset) {
        String[] patchedNames = new String[names.length + set.names.length];
        ConvexValue[] patchedValues = new ConvexValue[patchedNames.length];
        int size = 0;
        int mine = 0;
        int others = 0;
        while (mine < names.length || others < set.names.length) {
            int order = mine == names.length ? 1
                    : others == set.names.length ? -1 : compare(names[mine], set.names[others]);
            if (order >= 0) {
                patchedNames[size] = set.names[others];
                patchedValues[size++] = set.values[others++];
                mine += order == 0 ? 1 : 0;
            } else if (unset.contains(names[mine])) {
                mine++;
            } else {
                patchedNames[size] = names[mine];
                patchedValues[size++] = values[mine++];
            }
        }
        return new ConvexObject(Arrays.copyOf(patchedNames, size), Arrays.copyOf(patchedValues, size));
    }

    /** Calls {@code action} for each field, in the order of names. */
    public void forEach(BiConsumer<? super String, ? super ConvexValue> action) {
        for (int i = 0; i < names.length; i++) {
            action.accept(names[i], values[i]);
        }
    }

    /** Takes a field that two objects do not have alike. */
    public interface Difference {

        /** {@code mine} or {@code theirs} is null if that object has no such field. */
        void accept(String name, @Nullable ConvexValue mine, @Nullable ConvexValue theirs);
    }

    /** Calls {@code action} for each field that is not the same in another object, in the order of names. */
    public void forEachDifference(ConvexObject other, Difference action) {
        int mine = 0;
        int theirs = 0;
        while (mine < names.length || theirs < other.names.length) {
            int order = mine == names.length ? 1
                    : theirs == other.names.length ? -1 : compare(names[mine], other.names[theirs]);
            if (order < 0) {
                action.accept(names[mine], values[mine++], null);
            } else if (order > 0) {
                action.accept(other.names[theirs], null, other.values[theirs++]);
            } else {
                if (!Objects.equals(values[mine], other.values[theirs])) {
                    action.accept(names[mine], values[mine], other.values[theirs]);
                }
                mine++;
                theirs++;
            }
        }
    }

    /** Objects that come from each other have the same instances. */
    private static int compare(String name, String other) {
        return name.equals(other) ? 0 : name.compareTo(other);
    }

    /** The fields as a map, in the order of names; the map is the caller's own. */
    public Map<String, ConvexValue> toMap() {
        Map<String, ConvexValue> map = LinkedHashMap.newLinkedHashMap(names.length);
        forEach(map::put);
        return map;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConvexObject that && Arrays.equals(names, that.names)
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(names) + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return toMap().toString();
    }

    /** Collects fields in any order. A name put twice keeps the last value. Not thread-safe. */
    public static final class Builder {

        private String[] names = new String[8];
        private ConvexValue[] values = new ConvexValue[8];
        private int size;
        private boolean sorted = true;

        private Builder() {}

        /** Throws {@link InvalidValueException} for a name that Convex does not take. */
        public Builder put(String name, ConvexValue value) {
            FieldName.require(name);
            if (size == names.length) {
                names = Arrays.copyOf(names, size * 2);
                values = Arrays.copyOf(values, size * 2);
            }
            sorted &= size == 0 || names[size - 1].compareTo(name) < 0;
            names[size] = name;
            values[size] = value;
            size++;
            return this;
        }

        public Builder put(String name, String value) {
            return put(name, ConvexValue.of(value));
        }

        /** Puts a float64. */
        public Builder put(String name, double value) {
            return put(name, ConvexValue.number(value));
        }

        public Builder put(String name, boolean value) {
            return put(name, ConvexValue.of(value));
        }

        /** Puts {@code value}, or null if there is none. */
        public Builder putNullable(String name, @Nullable String value) {
            return put(name, value == null ? ConvexNull.NULL : ConvexValue.of(value));
        }

        public ConvexObject build() {
            if (sorted) {
                // the server sends fields in order, so this is the common way
                return new ConvexObject(Arrays.copyOf(names, size), Arrays.copyOf(values, size));
            }
            Map<String, ConvexValue> inOrder = new TreeMap<>(Comparator.naturalOrder());
            for (int i = 0; i < size; i++) {
                inOrder.put(names[i], values[i]);
            }
            return new ConvexObject(inOrder.keySet().toArray(String[]::new),
                    inOrder.values().toArray(ConvexValue[]::new));
        }
    }
}
