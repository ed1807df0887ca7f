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

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * How much of something bad a run bears: it stops once there is more than both say.
 *
 * @param stopAbove so many documents
 * @param ofRead    such a part of the documents read, from 0 to 1
 */
public record Allowance(int stopAbove, double ofRead) {

    /** What a plan allows in quarantine unless it says otherwise. */
    public static final Allowance OF_QUARANTINE = new Allowance(100);
    /** Of a few documents even one would be a large part. */
    private static final int MINIMUM = 10;

    /** Whatever is read. */
    public Allowance(int stopAbove) {
        this(stopAbove, 0);
    }

    /** A part of the documents read, but never only a few. */
    public static Allowance ofRead(double part) {
        return new Allowance(MINIMUM, part);
    }

    /** True if the run must stop. */
    public boolean isTooMuch(long bad, long read) {
        return bad > stopAbove && bad > ofRead * read;
    }

    /** What is allowed, in words. */
    @Override
    public String toString() {
        return ofRead == 0 ? Integer.toString(stopAbove)
                : "%s%% of the documents read, and %d".formatted(
                        new BigDecimal(ofRead * 100).round(new MathContext(6)).stripTrailingZeros().toPlainString(),
                        stopAbove);
    }
}
