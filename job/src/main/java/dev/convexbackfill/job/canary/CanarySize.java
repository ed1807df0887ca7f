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
package dev.convexbackfill.job.canary;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How large a canary is to be, as it is asked for. */
public sealed interface CanarySize {

    /** So many documents; at least one. */
    record Documents(long number) implements CanarySize {

        @Override
        public String toString() {
            return Long.toString(number);
        }
    }

    /** So many of a hundred documents: more than 0, and less than 100. */
    record Percent(BigDecimal percent) implements CanarySize {

        /** Of so many documents; at least one. */
        public long of(long documents) {
            return Math.max(1, Math.round(documents * percent.doubleValue() / 100));
        }

        @Override
        public String toString() {
            return percent.toPlainString() + "%";
        }
    }

    /** Reads what its text is, such as {@code 1000} or {@code 1%}; empty if it is neither. */
    static Optional<CanarySize> parse(String text) {
        Matcher percent = Pattern.compile("(\\d{1,2}(?:\\.\\d{1,4})?)%").matcher(text);
        if (percent.matches()) {
            BigDecimal number = new BigDecimal(percent.group(1));
            return number.signum() > 0 ? Optional.of(new Percent(number)) : Optional.empty();
        }
        return text.matches("[1-9]\\d{0,11}") ? Optional.of(new Documents(Long.parseLong(text))) : Optional.empty();
    }
}
