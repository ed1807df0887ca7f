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

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.local.schema.DatabaseSchema;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
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
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * The key space, in memory or in a file. One thread commits: it checks each transaction against everything committed since
 * the transaction began, writes the file once for all that wait, and only then shows the result to readers, so that nobody
 * ever sees what a crash could take back. Thread-safe.
 */
public final class Store implements AutoCloseable {

    /** How long the log is kept; source: {@code DOCUMENT_RETENTION_DELAY} of the Convex backend. */
    private static final Duration LOG_RETENTION = Duration.ofDays(14);
    private static final Duration HOUSEKEEPING_INTERVAL = Duration.ofSeconds(5);
    private static final int SECRET_BYTES = 32;
    private static final int MAX_BATCH = 256;
    private static final int CACHE_MEGABYTES = 256;
    private static final int COMPACT_BELOW_PERCENT = 60;
    private static final int COMPACT_BYTES = 32 << 20;
    /** How many entries of dropped tables go at a time, so that commits don't wait for long. */
    private static final int CLEARED_AT_ONCE = 20_000;

    private final MVStore file;
    private final MVMap<byte[], byte[]> map;
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

    private Store(MVStore file, Clock clock) {
        this.file = file;
        this.clock = clock;
        MVMap.Builder<byte[], byte[]> types = new MVMap.Builder<>();
        types.keyType(Bytes.TYPE).valueType(Bytes.TYPE);
        this.map = file.openMap("deployment", types);
        byte[] last = map.get(Keys.meta("timestamp"));
        this.latest = new Snapshot(map, map.flushAndGetRoot(), last == null ? 0 : ByteBuffer.wrap(last).getLong());
        this.committer = Thread.ofPlatform().name("convex-local-committer").daemon().start(this::commitUntilClosed);
    }

    /** A store that ends with the process. */
    public static Store inMemory(Clock clock) {
        return new Store(new MVStore.Builder().autoCommitDisabled().autoCommitBufferSize(0).open(), clock);
    }

    /**
     * The store in {@code path}, made if there is none. What {@link #commit} has answered survives the death of the process.
     * Throws {@link org.h2.mvstore.MVStoreException} if another process has it open.
     */
    public static Store inFile(Path path, Clock clock) {
        return new Store(new MVStore.Builder()
                .fileName(path.toString())
                // the library's own commits could come in the middle of one of ours
                .autoCommitDisabled()
                .autoCommitBufferSize(0)
                .cacheSize(CACHE_MEGABYTES)
                .open(), clock);
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

    /** Keeps all versions from the current one on readable until {@link #releaseVersions}. */
    MVStore.TxCounter holdVersions() {
        return file.registerVersionUsage();
    }

    void releaseVersions(MVStore.TxCounter held) {
        if (!file.isClosed()) {
            file.deregisterVersionUsage(held);
        }
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
                    trimLog();
                    clearDropped();
                    file.compact(COMPACT_BELOW_PERCENT, COMPACT_BYTES);
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
                write(pending.transaction().writes(), timestamp);
                commits.add(new RecentCommits.Commit(timestamp,
                        List.copyOf(pending.transaction().writes().keySet())));
                long committed = timestamp;
                answers.add(() -> pending.done().complete(committed));
            }
        }
        map.put(Keys.meta("timestamp"), longBytes(timestamp));
        file.commit();
        Snapshot shown = new Snapshot(map, map.flushAndGetRoot(), timestamp);
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

    private void write(NavigableMap<byte[], byte[]> writes, long timestamp) {
        Map<Integer, Long> grown = new HashMap<>();
        int logged = 0;
        long bytes = 0;
        for (Map.Entry<byte[], byte[]> write : writes.entrySet()) {
            byte[] key = write.getKey();
            byte[] value = write.getValue();
            bytes += Keys.isDocumentOrIndexEntry(key) ? key.length + value.length : 0;
            boolean deletion = Transaction.isDeletion(value);
            if (Keys.isDocument(key)) {
                int tablet = Keys.tabletOfDocument(key);
                if (!deletion) {
                    StoredDocument.setTimestamp(value, timestamp);
                }
                String id = Keys.idOfDocument(key);
                map.put(Keys.log(timestamp, logged++), LogEntry.encode(tablet, id, deletion ? null : value));
                if (deletion) {
                    map.put(Keys.tombstone(tablet, id), longBytes(timestamp));
                }
                boolean existed = (deletion ? map.remove(key) : map.put(key, value)) != null;
                grown.merge(tablet, (deletion ? 0L : 1L) - (existed ? 1L : 0L), Long::sum);
            } else if (deletion) {
                map.remove(key);
            } else {
                map.put(key, value);
            }
        }
        meter.add(timestamp, bytes);
        grown.forEach((tablet, more) -> {
            long documents = count(map.get(Keys.count(tablet))) + more;
            map.put(Keys.count(tablet), longBytes(documents));
        });
    }

    private static byte[] longBytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    private void trimLog() {
        byte[] end = Keys.log(oldestLogged(), 0);
        byte[] first = map.ceilingKey(Keys.FIRST_LOG);
        while (first != null && Bytes.ORDER.compare(first, end) < 0) {
            byte[] entry = requireNonNull(map.remove(first));
            long committed = Keys.logTimestamp(first);
            LogEntry removed = LogEntry.decode(committed, entry);
            byte[] tombstone = Keys.tombstone(removed.tablet(), removed.id());
            byte[] deleted = removed.document() == null ? map.get(tombstone) : null;
            if (deleted != null && ByteBuffer.wrap(deleted).getLong() == committed) {
                map.remove(tombstone);
            }
            first = map.ceilingKey(Keys.FIRST_LOG);
        }
    }

    /** The log knows nothing of commits before this time, in nanoseconds since 1970. */
    public long oldestLogged() {
        return nanosSince1970(clock.instant().minus(LOG_RETENTION));
    }

    /** Removes some of what lies in the tables that were dropped. */
    private void clearDropped() {
        byte[] next = map.ceilingKey(Keys.FIRST_DROPPED);
        if (next == null || Bytes.ORDER.compare(next, Keys.AFTER_DROPPED) >= 0) {
            return;
        }
        int tablet = Keys.droppedTablet(next);
        int left = CLEARED_AT_ONCE;
        for (byte[] prefix : List.of(Keys.documents(tablet), Keys.indexes(tablet), Keys.tombstones(tablet),
                Keys.count(tablet))) {
            byte[] end = Bytes.afterPrefix(prefix);
            byte[] key = map.ceilingKey(prefix);
            while (left > 0 && key != null && Bytes.ORDER.compare(key, end) < 0) {
                map.remove(key);
                left--;
                key = map.ceilingKey(prefix);
            }
        }
        if (left > 0) {
            map.remove(next);
        }
    }

    /** How many documents a table has, as of the latest commit. */
    long count(int tablet) {
        return count(latest.get(Keys.count(tablet)));
    }

    static long count(byte @Nullable [] stored) {
        return stored == null ? 0 : ByteBuffer.wrap(stored).getLong();
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
            file.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
