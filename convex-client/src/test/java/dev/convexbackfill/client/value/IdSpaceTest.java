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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdSpaceTest {

    private final IdSpace space = new IdSpace(10001);

    @Test
    void cutsTheSpaceAtEqualPlaces() {
        List<DocumentId> bounds = space.split(4);

        assertThat(bounds).hasSize(3).isSorted();
        assertThat(bounds.get(0).internal()).startsWith(0x3f, 0xff).endsWith(0xff);
        assertThat(bounds.get(1).internal()).startsWith(0x7f, 0xff).endsWith(0xff);
        assertThat(bounds.get(2).internal()).startsWith(0xbf, 0xff).endsWith(0xff);
        assertThat(space.split(1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 64, 1000})
    void everyIdFallsIntoExactlyOneSliceAndTheSharesAreEven(int slices) {
        List<DocumentId> bounds = space.split(slices);
        int[] share = new int[slices];
        Random random = new Random(slices);
        int ids = slices * 100;
        for (int i = 0; i < ids; i++) {
            byte[] internal = new byte[16];
            random.nextBytes(internal);
            DocumentId id = DocumentId.of(10001, internal);
            share[(int) bounds.stream().filter(bound -> bound.compareTo(id) < 0).count()]++;
        }
        assertThat(Arrays.stream(share)).allMatch(n -> n > 50 && n < 150);
    }

    @Test
    void tellsHowMuchOfASliceIsDone() {
        List<DocumentId> quarters = space.split(4);
        DocumentId middle = quarters.get(1);

        assertThat(IdSpace.fraction(null, null, null)).isZero();
        assertThat(IdSpace.fraction(null, null, middle)).isCloseTo(0.5, within(1e-9));
        assertThat(IdSpace.fraction(quarters.get(0), null, middle)).isCloseTo(1 / 3.0, within(1e-9));
        assertThat(IdSpace.fraction(quarters.get(0), middle, middle)).isEqualTo(1);
        assertThat(IdSpace.fraction(middle, quarters.get(2), quarters.get(0))).isZero();
    }
}
