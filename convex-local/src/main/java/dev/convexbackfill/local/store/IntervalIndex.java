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

import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Intervals of keys, to find the owners of those that a key lies in. A treap ordered by where intervals begin, in which each
 * subtree knows where its last one ends: adding, removing and finding take O(log n), and one step more for each that is
 * found. Not thread-safe.
 *
 * @param <T> an owner; of two intervals that begin at one key the owner with the smaller number comes first
 */
final class IntervalIndex<T extends IntervalIndex.Owner> {

    /** What has intervals. */
    interface Owner {

        /** No two owners have the same. */
        long number();
    }

    private static final class Node<T extends Owner> {

        private final byte[] from;
        private final byte[] to;
        private final T owner;
        private final int priority = ThreadLocalRandom.current().nextInt();
        private byte[] lastEnd;
        private @Nullable Node<T> left;
        private @Nullable Node<T> right;

        Node(byte[] from, byte[] to, T owner) {
            this.from = from;
            this.to = to;
            this.owner = owner;
            this.lastEnd = to;
        }

        boolean isBefore(byte[] otherFrom, long number) {
            int order = Bytes.ORDER.compare(from, otherFrom);
            return order < 0 || (order == 0 && owner.number() < number);
        }

        Node<T> updated() {
            lastEnd = to;
            if (left != null) {
                lastEnd = Bytes.max(lastEnd, left.lastEnd);
            }
            if (right != null) {
                lastEnd = Bytes.max(lastEnd, right.lastEnd);
            }
            return this;
        }
    }

    private @Nullable Node<T> root;

    /** The keys from {@code from} up to, not including, {@code to}; an owner has at most one interval that begins there. */
    void add(byte[] from, byte[] to, T owner) {
        root = insert(root, new Node<>(from, to, owner));
    }

    void remove(byte[] from, T owner) {
        root = delete(root, from, owner.number());
    }

    /** Adds the owners of all intervals that {@code key} lies in. */
    void collect(byte[] key, Set<? super T> owners) {
        collect(root, key, owners);
    }

    boolean isEmpty() {
        return root == null;
    }

    private void collect(@Nullable Node<T> node, byte[] key, Set<? super T> owners) {
        if (node == null || Bytes.ORDER.compare(node.lastEnd, key) <= 0) {
            return;
        }
        collect(node.left, key, owners);
        if (Bytes.ORDER.compare(node.from, key) <= 0) {
            if (Bytes.ORDER.compare(key, node.to) < 0) {
                owners.add(node.owner);
            }
            collect(node.right, key, owners);
        }
    }

    private Node<T> insert(@Nullable Node<T> into, Node<T> node) {
        if (into == null) {
            return node;
        }
        if (node.priority > into.priority) {
            split(into, node);
            return node.updated();
        }
        if (into.isBefore(node.from, node.owner.number())) {
            into.right = insert(into.right, node);
        } else {
            into.left = insert(into.left, node);
        }
        return into.updated();
    }

    /** Hangs what comes before {@code at} to its left and the rest to its right. */
    private void split(@Nullable Node<T> tree, Node<T> at) {
        if (tree == null) {
            at.left = null;
            at.right = null;
        } else if (tree.isBefore(at.from, at.owner.number())) {
            split(tree.right, at);
            tree.right = at.left;
            at.left = tree.updated();
        } else {
            split(tree.left, at);
            tree.left = at.right;
            at.right = tree.updated();
        }
    }

    private @Nullable Node<T> delete(@Nullable Node<T> tree, byte[] from, long number) {
        if (tree == null) {
            return null;
        }
        if (tree.owner.number() == number && Bytes.ORDER.compare(tree.from, from) == 0) {
            return merge(tree.left, tree.right);
        }
        if (tree.isBefore(from, number)) {
            tree.right = delete(tree.right, from, number);
        } else {
            tree.left = delete(tree.left, from, number);
        }
        return tree.updated();
    }

    private @Nullable Node<T> merge(@Nullable Node<T> before, @Nullable Node<T> after) {
        if (before == null) {
            return after;
        }
        if (after == null) {
            return before;
        }
        if (before.priority > after.priority) {
            before.right = merge(before.right, after);
            return before.updated();
        }
        after.left = merge(before, after.left);
        return after.updated();
    }
}
