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
package dev.convexbackfill.local.store;

import dev.convexbackfill.local.schema.DatabaseSchema;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.h2.mvstore.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * Has transactions over the key space. One thread commits: it checks each transaction against everything committed since
 * the transaction began, writes the file once for all that wait, and only then shows the result to readers, so that nobody
 * ever sees what a crash could take back. Thread-safe.
 */
public final class Store implements AutoCloseable {

    /** How long the log is kept; source: {@code DOCUMENT_RETENTION_DELAY} of the Convex backend. */
    private static final Duration LOG_RETENTION = Duration.ofDays(14);
    private static final Duration HOUSEKEEPING_INTERVAL = Duration.ofSeconds(5);
    private static final int SECRET_BYTES = 32;
    private static final int MAX_BATCH = 256;

    private final KeySpace keySpace;
    private final Clock clock;
    private final BlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread committer;
    /** Only the committer changes it, while it holds the lock of {@link #open}. */
    private final RecentCommits recent = new RecentCommits();
    private final Map<Transaction, Long> open = new HashMap<>();
    private final Map<String, DatabaseSchema> schemas = new ConcurrentHashMap<>();
    private final WriteMeter meter = new WriteMeter();
    private final Subscriptions subscriptions = new Subscriptions(open);
    private volatile Snapshot latest;

    private record Pending(Transaction transaction, CompletableFuture<Long> done) {}

    private Store(KeySpace keySpace, Clock clock) {
        this.keySpace = keySpace;
        this.clock = clock;
        this.latest = keySpace.stored();
        this.committer = Thread.ofPlatform().name("convex-local-committer").daemon().start(this::commitUntilClosed);
    }

    /** A store that ends with the process. */
    public static Store inMemory(Clock clock) {
        return new Store(KeySpace.inMemory(), clock);
    }

    /**
     * The store in {@code path}, made if there is none. What {@link #commit} has answered survives the death of the process.
     * Throws {@link org.h2.mvstore.MVStoreException} if another process has it open.
     */
    public static Store inFile(Path path, Clock clock) {
        return new Store(KeySpace.inFile(path), clock);
    }

    Transaction begin() {
        synchronized (open) {
            Transaction transaction = new Transaction(latest);
            open.put(transaction, latest.timestamp());
            return transaction;
        }
    }

    /** A transaction over an older snapshot; it can only read. */
    Transaction beginAt(Snapshot snapshot) {
        return new Transaction(snapshot);
    }

    Snapshot latest() {
        return latest;
    }

    /** What it writes into. */
    KeySpace keySpace() {
        return keySpace;
    }

    /** Forgets a transaction that will not be committed. Harmless after a commit. */
    void end(Transaction transaction) {
        synchronized (open) {
            open.remove(transaction);
        }
    }

    /**
     * Makes the transaction's writes durable and visible and returns the time of the commit, in nanoseconds since 1970.
     * Throws {@link ConflictException} if something that it read has changed; then nothing of it was kept.
     */
    long commit(Transaction transaction) {
        if (transaction.writes().isEmpty()) {
            end(transaction);
            return transaction.snapshot().timestamp();
        }
        Pending pending = new Pending(transaction, new CompletableFuture<>());
        queue.add(pending);
        if (closed.get()) {
            pending.done().completeExceptionally(new IllegalStateException("The store is closed"));
        }
        try {
            return pending.done().join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof ConflictException conflict) {
                throw conflict;
            }
            throw failed;
        } finally {
            end(transaction);
        }
    }

    private void commitUntilClosed() {
        long lastHousekeeping = System.nanoTime();
        List<Pending> batch = new ArrayList<>();
        while (!closed.get() || !queue.isEmpty()) {
            try {
                Pending first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, MAX_BATCH);
                    commit(batch);
                    batch.clear();
                }
                if (System.nanoTime() - lastHousekeeping > HOUSEKEEPING_INTERVAL.toNanos()) {
                    keySpace.tidy(oldestLogged());
                    lastHousekeeping = System.nanoTime();
                }
            } catch (InterruptedException _) {
                // only close() ends this thread
            } catch (RuntimeException broken) {
                // the file can't be written any more: nobody may be told that anything was committed
                closed.set(true);
                batch.forEach(pending -> pending.done().completeExceptionally(broken));
                queue.forEach(pending -> pending.done().completeExceptionally(broken));
                return;
            }
        }
    }

    private void commit(List<Pending> batch) {
        List<Runnable> answers = new ArrayList<>();
        List<RecentCommits.Commit> commits = new ArrayList<>();
        long timestamp = latest.timestamp();
        for (Pending pending : batch) {
            if (conflicts(pending.transaction(), commits)) {
                answers.add(() -> pending.done().completeExceptionally(new ConflictException()));
            } else {
                timestamp = Math.max(timestamp + 1, nanosSince1970(clock.instant()));
                meter.add(timestamp, keySpace.write(pending.transaction().writes(), timestamp));
                commits.add(new RecentCommits.Commit(timestamp,
                        List.copyOf(pending.transaction().writes().keySet())));
                long committed = timestamp;
                answers.add(() -> pending.done().complete(committed));
            }
        }
        Snapshot shown = keySpace.commit(timestamp);
        Set<Subscription> ended;
        synchronized (open) {
            latest = shown;
            ended = subscriptions.end(commits);
            recent.addAll(commits);
            recent.forgetUntil(open.values().stream().mapToLong(Long::longValue).min().orElse(timestamp));
        }
        answers.forEach(Runnable::run);
        ended.forEach(Subscription::announce);
    }

    private boolean conflicts(Transaction transaction, List<RecentCommits.Commit> ofThisBatch) {
        return ofThisBatch.stream().anyMatch(commit -> commit.touches(transaction.reads()))
                || recent.firstInto(transaction.reads(), transaction.snapshot().timestamp()) != null;
    }

    /**
     * Watches what was read as of {@code since} by a transaction or beside one that is open. {@code listener} is called once
     * somebody has written into it, at once if that has happened already; it must be quick, and must not throw.
     */
    Subscription subscribe(ReadSet reads, long since, Runnable listener) {
        Subscription subscription;
        RecentCommits.@Nullable Commit missed;
        synchronized (open) {
            subscription = subscriptions.create(reads, listener);
            missed = recent.firstInto(reads, since);
            if (missed == null) {
                subscriptions.add(subscription);
            } else {
                subscription.invalidateFrom(missed.timestamp());
            }
        }
        if (missed != null) {
            subscription.announce();
        }
        return subscription;
    }

    /** Ends every subscription, because something has changed that lies outside the store. */
    public void invalidateSubscriptions() {
        Set<Subscription> ended;
        synchronized (open) {
            ended = subscriptions.endAll(latest.timestamp());
        }
        ended.forEach(Subscription::announce);
    }

    /** The log knows nothing of commits before this time, in nanoseconds since 1970. */
    public long oldestLogged() {
        return nanosSince1970(clock.instant().minus(LOG_RETENTION));
    }

    /** How many documents a table has, as of the latest commit. */
    long count(int tablet) {
        return latest.count(tablet);
    }

    /**
     * The revisions committed after {@code timestamp}, oldest first; no commit is cut in two, and at least {@code atLeast}
     * revisions are returned if there are as many.
     */
    public List<LogEntry> logAfter(long timestamp, int atLeast) {
        List<LogEntry> entries = new ArrayList<>();
        readLog(timestamp, Long.MAX_VALUE, entry -> {
            if (entries.size() >= atLeast && entries.getLast().timestamp() != entry.timestamp()) {
                return false;
            }
            entries.add(entry);
            return true;
        });
        return entries;
    }

    /**
     * Shows the revisions committed after {@code after} and up to {@code upTo} to {@code visitor}, oldest first, until it
     * returns false. Returns whether it never did.
     */
    public boolean readLog(long after, long upTo, Predicate<LogEntry> visitor) {
        Cursor<byte[], byte[]> cursor = latest.cursor(Keys.log(after + 1, 0), false);
        while (cursor.hasNext()) {
            byte[] key = cursor.next();
            if (Bytes.ORDER.compare(key, Keys.AFTER_LOG) >= 0) {
                break;
            }
            long committed = Keys.logTimestamp(key);
            if (committed > upTo) {
                break;
            }
            if (!visitor.test(LogEntry.decode(committed, cursor.getValue()))) {
                return false;
            }
        }
        return true;
    }

    /** Random bytes that belong to this store and stay the same for as long as it exists. */
    public byte[] secret() {
        while (true) {
            Transaction transaction = begin();
            byte[] known = transaction.get(Keys.meta("secret"));
            if (known != null) {
                end(transaction);
                return known;
            }
            byte[] secret = new byte[SECRET_BYTES];
            new SecureRandom().nextBytes(secret);
            transaction.put(Keys.meta("secret"), secret);
            try {
                commit(transaction);
            } catch (ConflictException _) {
                // somebody else made one at the same time
            }
        }
    }

    /** Schemas by id, for whoever has read them once; the schema of an id never changes. */
    Map<String, DatabaseSchema> knownSchemas() {
        return schemas;
    }

    /** When the latest commit happened, in nanoseconds since 1970. */
    public long timestamp() {
        return latest.timestamp();
    }

    /** How many bytes of documents and index entries were committed in the last second, whoever wrote them. */
    public long bytesWrittenInTheLastSecond() {
        return meter.bytes(nanosSince1970(clock.instant()));
    }

    /** What tells it the time. */
    public Clock clock() {
        return clock;
    }

    private static long nanosSince1970(Instant instant) {
        return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
    }

    /** Finishes what is being committed and closes the file. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            boolean interrupted = false;
            while (committer.isAlive()) {
                try {
                    committer.join();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
            keySpace.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
