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
package dev.convexbackfill.local.limits;

import dev.convexbackfill.client.value.ConvexObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What one transaction has read, written and scheduled. Counts reads and writes before it checks, as Convex does: after a
 * limit is broken, every further operation of its kind fails too. The system's own tables are counted apart. Not thread-safe.
 */
public final class TransactionUsage {

    private static final String HELP = "Consider using smaller limits in your queries, paginating your queries, or using"
            + " indexed queries with a selective index range expressions.";
    /** Source: {@code TRANSACTION_MAX_SYSTEM_NUM_WRITES} and {@code …_WRITE_SIZE_BYTES} of the Convex backend. */
    private static final int MAX_SYSTEM_WRITES = 40_000;
    private static final long MAX_SYSTEM_BYTES = 128L << 20;
    /** Source: {@code MAX_SCHEDULED_JOB_ARGUMENT_SIZE_BYTES} of the Convex backend, which only warns of it. */
    private static final long LARGE_SCHEDULED_ARGS = 4L << 20;
    /** Source: {@code FUNCTION_LIMIT_WARNING_RATIO} of the Convex backend. */
    private static final double WARNING_RATIO = 0.8;

    private final TransactionLimits limits;
    private int documentsRead;
    private long bytesRead;
    private int rangesRead;
    private int documentsWritten;
    private long bytesWritten;
    private int systemDocumentsWritten;
    private long systemBytesWritten;
    private int functionsScheduled;
    private long scheduledArgsBytes;
    private long largestScheduledArgs;

    public TransactionUsage(TransactionLimits limits) {
        this.limits = limits;
    }

    /** One of the numbers that are limited. */
    public record Counter(long used, long limit) {

        /** How much more the transaction may use; 0 once the limit is broken. */
        public long remaining() {
            return Math.max(0, limit - used);
        }

        ConvexObject toObject() {
            return ConvexObject.builder().put("used", (double) used).put("remaining", (double) remaining()).build();
        }

        private boolean isNear() {
            return used > (long) (WARNING_RATIO * limit) && used <= limit;
        }
    }

    /** Throws {@link LimitExceededException}. */
    public void read(long bytes) {
        documentsRead++;
        bytesRead += bytes;
        if (documentsRead > limits.documentsRead()) {
            throw new LimitExceededException("Too many documents read in a single function execution (limit: %d). %s"
                    .formatted(limits.documentsRead(), HELP));
        }
        if (bytesRead > limits.bytesRead()) {
            throw new LimitExceededException("Too many bytes read in a single function execution (limit: %d bytes). %s"
                    .formatted(limits.bytesRead(), HELP));
        }
    }

    /** Takes the number of separate ranges read so far. Throws {@link LimitExceededException}. */
    public void ranges(int ranges) {
        rangesRead = ranges;
        if (ranges > limits.rangesRead()) {
            throw new LimitExceededException("Too many reads in a single function execution (limit: %d). %s"
                    .formatted(limits.rangesRead(), HELP));
        }
    }

    /** Throws {@link LimitExceededException}. */
    public void write(long bytes) {
        documentsWritten++;
        bytesWritten += bytes;
        if (documentsWritten > limits.documentsWritten()) {
            throw new LimitExceededException("Too many writes in a single function execution (limit: %d)"
                    .formatted(limits.documentsWritten()));
        }
        if (bytesWritten > limits.bytesWritten()) {
            throw new LimitExceededException("Too many bytes written in a single function execution (limit: %s)"
                    .formatted(ByteSize.text(limits.bytesWritten())));
        }
    }

    /** A write to one of the system's tables. Throws {@link IllegalStateException} for far too many. */
    public void writeSystem(long bytes) {
        systemDocumentsWritten++;
        systemBytesWritten += bytes;
        if (systemDocumentsWritten > MAX_SYSTEM_WRITES || systemBytesWritten > MAX_SYSTEM_BYTES) {
            throw new IllegalStateException("Too many writes to system tables in one transaction: %d of %d bytes"
                    .formatted(systemDocumentsWritten, systemBytesWritten));
        }
    }

    /** Checks before it counts, as Convex does here. Throws {@link LimitExceededException}. */
    public void schedule(long argsBytes) {
        if (functionsScheduled >= limits.functionsScheduled()) {
            throw new LimitExceededException("Too many functions scheduled by this mutation (limit: %d)"
                    .formatted(limits.functionsScheduled()));
        }
        if (scheduledArgsBytes + argsBytes > limits.scheduledArgsBytes()) {
            throw new LimitExceededException(
                    "Too large total size of the arguments of scheduled functions from this mutation (limit: %d bytes)"
                            .formatted(limits.scheduledArgsBytes()));
        }
        functionsScheduled++;
        scheduledArgsBytes += argsBytes;
        largestScheduledArgs = Math.max(largestScheduledArgs, argsBytes);
    }

    public Counter documentsRead() {
        return new Counter(documentsRead, limits.documentsRead());
    }

    public Counter bytesRead() {
        return new Counter(bytesRead, limits.bytesRead());
    }

    /** Separate index ranges. */
    public Counter rangesRead() {
        return new Counter(rangesRead, limits.rangesRead());
    }

    public Counter documentsWritten() {
        return new Counter(documentsWritten, limits.documentsWritten());
    }

    public Counter bytesWritten() {
        return new Counter(bytesWritten, limits.bytesWritten());
    }

    public Counter functionsScheduled() {
        return new Counter(functionsScheduled, limits.functionsScheduled());
    }

    public Counter scheduledArgsBytes() {
        return new Counter(scheduledArgsBytes, limits.scheduledArgsBytes());
    }

    /** As Convex's {@code getTransactionMetrics} answers: used and remaining of each counter. */
    public ConvexObject toObject() {
        return ConvexObject.builder()
                .put("bytesRead", bytesRead().toObject())
                .put("bytesWritten", bytesWritten().toObject())
                .put("databaseQueries", rangesRead().toObject())
                .put("documentsRead", documentsRead().toObject())
                .put("documentsWritten", documentsWritten().toObject())
                .put("functionsScheduled", functionsScheduled().toObject())
                .put("scheduledFunctionArgsBytes", scheduledArgsBytes().toObject())
                .build();
    }

    /** What to warn of: each counter above four fifths of its limit, as in Convex. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        warn(warnings, documentsRead(), "Many documents read in a single function execution", "", " " + HELP);
        warn(warnings, rangesRead(), "Many reads in a single function execution", "", " " + HELP);
        warn(warnings, bytesRead(), "Many bytes read in a single function execution", " bytes", " " + HELP);
        warn(warnings, documentsWritten(), "Many writes in a single function execution", "", "");
        warn(warnings, bytesWritten(), "Many bytes written in a single function execution", " bytes", "");
        warn(warnings, functionsScheduled(), "Many functions scheduled by this mutation", "", "");
        warn(warnings, scheduledArgsBytes(),
                "Large total size of the arguments of scheduled functions from this mutation", " bytes", "");
        if (largestScheduledArgs > WARNING_RATIO * LARGE_SCHEDULED_ARGS) {
            warnings.add(warning(new Counter(largestScheduledArgs, LARGE_SCHEDULED_ARGS),
                    "Large arguments for a single scheduled function from this mutation", " bytes", ""));
        }
        return warnings;
    }

    /** Adds a warning of a size in bytes if it comes near its limit. */
    public static void warnOfSize(List<String> warnings, long bytes, long limit, String what) {
        warn(warnings, new Counter(bytes, limit), what, " bytes", "");
    }

    private static void warn(List<String> warnings, Counter counter, String what, String unit, String help) {
        if (counter.isNear()) {
            warnings.add(warning(counter, what, unit, help));
        }
    }

    private static String warning(Counter counter, String what, String unit, String help) {
        return "%s (actual: %d%s, limit: %d%s).%s".formatted(what, counter.used(), unit, counter.limit(), unit, help);
    }
}
