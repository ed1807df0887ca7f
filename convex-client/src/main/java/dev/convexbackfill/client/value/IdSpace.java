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

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * All ids that a table's documents can have. Convex makes ids of random bytes, so equal slices of this space hold equal
 * shares of any table, and how far an id lies into a slice says how much of the slice is done.
 */
public final class IdSpace {

    private static final int BITS = DocumentId.INTERNAL_LENGTH * 8;
    private static final BigInteger SIZE = BigInteger.ONE.shiftLeft(BITS);

    private final long tableNumber;

    /** Takes the number of the table, from 1 to 2³²−1. */
    public IdSpace(long tableNumber) {
        this.tableNumber = tableNumber;
    }

    /**
     * The {@code slices - 1} ids that cut the space into equal slices, in order. They are places, not documents: a slice
     * goes from after one of them up to and including the next. Throws {@link IllegalArgumentException} for less than one.
     */
    public List<DocumentId> split(int slices) {
        if (slices < 1) {
            throw new IllegalArgumentException("'slices' is " + slices + " and must be 1 or more");
        }
        List<DocumentId> bounds = new ArrayList<>(slices - 1);
        for (int i = 1; i < slices; i++) {
            bounds.add(at(
                    SIZE.multiply(BigInteger.valueOf(i)).divide(BigInteger.valueOf(slices)).subtract(BigInteger.ONE)));
        }
        return List.copyOf(bounds);
    }

    private DocumentId at(BigInteger place) {
        byte[] bytes = place.toByteArray();
        byte[] internal = new byte[DocumentId.INTERNAL_LENGTH];
        int length = Math.min(bytes.length, internal.length);
        System.arraycopy(bytes, bytes.length - length, internal, internal.length - length, length);
        return DocumentId.of(tableNumber, internal);
    }

    /**
     * How much of the slice from {@code after} to {@code through} lies at or before {@code position}, from 0 to 1. Null for a
     * bound is the end of the space; null for the position is the slice's beginning.
     */
    public static double fraction(@Nullable DocumentId after, @Nullable DocumentId through,
            @Nullable DocumentId position) {
        if (position == null) {
            return 0;
        }
        double from = after == null ? 0 : place(after);
        double to = through == null ? 1 : place(through);
        return to <= from ? 1 : Math.clamp((place(position) - from) / (to - from), 0.0, 1.0);
    }

    private static double place(DocumentId id) {
        return new BigInteger(1, id.internal()).doubleValue() / SIZE.doubleValue();
    }
}
