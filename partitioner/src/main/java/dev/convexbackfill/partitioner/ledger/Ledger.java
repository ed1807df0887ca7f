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
package dev.convexbackfill.partitioner.ledger;

import dev.convexbackfill.client.CallOptions;
import dev.convexbackfill.client.ConvexClient;
import dev.convexbackfill.client.FunctionPath;
import dev.convexbackfill.client.failure.ConvexException;
import dev.convexbackfill.client.failure.FailureCategory;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.partitioner.ledger.LedgerRefusedException.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code backfill.ts} that keep the ledger. All of them can be called again after a lost answer, and are,
 * within the patience of the call options. Throws {@link LedgerRefusedException} where the functions refuse, and
 * {@link ConvexException} where the call fails. Thread-safe.
 */
public final class Ledger {

    /** The protocol of {@code backfill.ts} that this version speaks. */
    public static final int PROTOCOL = 2;

    private static final int ENTRIES_PER_READ = 50;

    private final ConvexClient client;
    private final CallOptions options;
    private final String functions;

    /** {@code functions} is the module that {@code backfill.ts} is installed as. */
    public Ledger(ConvexClient client, CallOptions options, String functions) {
        this.client = client;
        this.options = options.asRepeatable();
        this.functions = functions;
    }

    /** A ledger whose calls end with other options. */
    public Ledger with(CallOptions others) {
        return new Ledger(client, others, functions);
    }

    /** The protocol of the functions that are installed. */
    public int protocol() {
        return (int) ((ConvexObject) query("info", ConvexObject.EMPTY)).wholeNumber("protocol");
    }

    /**
     * A range's ends.
     *
     * @param after   null for the beginning of the table
     * @param through null for the end of the table
     */
    public record Bounds(@Nullable String after, @Nullable String through) {}

    /** Makes a run's rows and returns their ids, by range number; the same again for the same token. */
    public List<String> open(String run, String token, String table, List<Bounds> ranges) {
        List<ConvexObject> bounds = ranges.stream().map(range -> ConvexObject.builder()
                .putNullable("after", range.after()).putNullable("through", range.through()).build()).toList();
        ConvexObject opened = mutation("openLedger", ConvexObject.builder()
                .put("run", run)
                .put("token", token)
                .put("table", table)
                .put("ranges", ConvexValue.array(bounds))
                .build());
        return opened.array("ledger").values().stream().map(id -> ((ConvexString) id).value()).toList();
    }

    /**
     * A run's rows.
     *
     * @param token   who started it
     * @param entries by range number; null where a row is gone
     */
    public record RunLedger(String token, List<@Nullable LedgerEntry> entries) {}

    /** All rows of a run; empty if the deployment has no such run. */
    public Optional<RunLedger> read(String run) {
        List<@Nullable LedgerEntry> entries = new ArrayList<>();
        while (true) {
            ConvexValue answer = query("readLedger", ConvexObject.builder().put("run", run)
                    .put("from", entries.size()).put("count", ENTRIES_PER_READ).build());
            if (answer == ConvexNull.NULL) {
                return Optional.empty();
            }
            ConvexObject slice = (ConvexObject) answer;
            for (ConvexValue entry : slice.array("entries")) {
                entries.add(entry instanceof ConvexObject row ? LedgerEntry.of(row) : null);
            }
            if (entries.size() >= slice.wholeNumber("ranges")) {
                return Optional.of(new RunLedger(slice.string("token"), entries));
            }
        }
    }

    /** Makes the caller the owner of a range: from now on smaller fences are refused. */
    public LedgerEntry claim(String ledger, long fence) {
        return LedgerEntry.of(mutation("claim",
                ConvexObject.of("ledger", ConvexValue.of(ledger), "fence", ConvexValue.number((double) fence))));
    }

    /** Applies a chunk; one that was applied before changes nothing and has the same answer. */
    public LedgerEntry apply(Chunk chunk) {
        return LedgerEntry.of(mutation("apply", chunk.toArgs()));
    }

    /** Deletes a run's rows. */
    public void purge(String run) {
        boolean isDone = false;
        while (!isDone) {
            isDone = mutation("purge", ConvexObject.builder().put("run", run).put("rows", ENTRIES_PER_READ).build())
                    .bool("isDone");
        }
    }

    private ConvexValue query(String name, ConvexObject args) {
        try {
            return client.query(FunctionPath.of(functions, name), args, options).value();
        } catch (ConvexException failure) {
            throw translate(failure);
        }
    }

    private ConvexObject mutation(String name, ConvexObject args) {
        try {
            return (ConvexObject) client.mutation(FunctionPath.of(functions, name), args, options).value();
        } catch (ConvexException failure) {
            throw translate(failure);
        }
    }

    /** What the functions threw as a refusal; the failure itself otherwise. */
    public static RuntimeException translate(ConvexException failure) {
        if (failure.category() == FailureCategory.TRANSACTION_TOO_LARGE) {
            return new LedgerRefusedException(Refusal.TOO_LARGE, String.valueOf(failure.getMessage()));
        }
        if (failure.data() instanceof ConvexObject data) {
            for (Refusal refusal : Refusal.values()) {
                if (refusal.code().equals(stringOrNull(data, "code"))) {
                    return new LedgerRefusedException(refusal, String.valueOf(stringOrNull(data, "message")));
                }
            }
        }
        return failure;
    }

    private static @Nullable String stringOrNull(ConvexObject data, String field) {
        try {
            return data.optionalString(field);
        } catch (InvalidValueException _) {
            return null;
        }
    }

    /** Reads documents of ids that a chunk left unsettled; null for one that is gone, in the order of ids. */
    public List<@Nullable ConvexObject> documents(List<String> ids) {
        ConvexArray found = (ConvexArray) query("documents",
                ConvexObject.of("ids", ConvexValue.array(ids.stream().map(ConvexValue::of).toList())));
        List<@Nullable ConvexObject> documents = new ArrayList<>();
        for (ConvexValue value : found) {
            documents.add(value instanceof ConvexObject document ? document : null);
        }
        return documents;
    }
}
