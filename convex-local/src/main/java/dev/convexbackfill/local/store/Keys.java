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

import dev.convexbackfill.client.value.ConvexValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Where everything lies in the one key space. The first byte says what a key is of. */
final class Keys {

    private static final byte META = 0x01;
    private static final byte TABLE = 0x02;
    private static final byte TABLE_NUMBER = 0x03;
    private static final byte COUNT = 0x04;
    private static final byte LOG = 0x05;
    private static final byte TOMBSTONE = 0x06;
    private static final byte HIDDEN = 0x07;
    private static final byte DROPPED = 0x08;
    private static final byte SCHEMA = 0x09;
    private static final byte SCHEMA_JSON = 0x0a;
    private static final byte SCHEMA_PROGRESS = 0x0b;
    private static final byte INDEX_PROGRESS = 0x0c;
    private static final byte DROPPED_INDEX = 0x0d;
    private static final byte DOCUMENT = 0x20;
    private static final byte INDEX = 0x21;

    /** What {@link #indexOf} says of keys that are of no index. */
    static final long NO_INDEX = 0;

    static final byte[] FIRST_TABLE = {TABLE};
    static final byte[] AFTER_TABLES = {TABLE + 1};
    static final byte[] FIRST_LOG = {LOG};
    static final byte[] AFTER_LOG = {LOG + 1};
    static final byte[] FIRST_HIDDEN = {HIDDEN};
    static final byte[] AFTER_HIDDEN = {HIDDEN + 1};
    static final byte[] FIRST_DROPPED = {DROPPED};
    static final byte[] AFTER_DROPPED = {DROPPED + 1};
    static final byte[] FIRST_SCHEMA = {SCHEMA};
    static final byte[] AFTER_SCHEMAS = {SCHEMA + 1};
    static final byte[] FIRST_DROPPED_INDEX = {DROPPED_INDEX};
    static final byte[] AFTER_DROPPED_INDEXES = {DROPPED_INDEX + 1};

    private Keys() {}

    static byte[] meta(String name) {
        return text(META, name);
    }

    static byte[] table(String name) {
        return text(TABLE, name);
    }

    static byte[] tableNumber(long number) {
        return ByteBuffer.allocate(9).put(TABLE_NUMBER).putLong(number).array();
    }

    static byte[] count(int tablet) {
        return tablet(COUNT, tablet);
    }

    static byte[] log(long timestamp, int number) {
        return ByteBuffer.allocate(13).put(LOG).putLong(timestamp).putInt(number).array();
    }

    static long logTimestamp(byte[] key) {
        return ByteBuffer.wrap(key).getLong(1);
    }

    /** Says when a document was deleted, for as long as the log does. */
    static byte[] tombstone(int tablet, String id) {
        return new SortKey(tablet(TOMBSTONE, tablet)).add(ConvexValue.of(id)).toByteArray();
    }

    /** The row of a table that nobody sees yet. */
    static byte[] hidden(int tablet) {
        return tablet(HIDDEN, tablet);
    }

    /** Says that what lies in a tablet may go. */
    static byte[] dropped(int tablet) {
        return tablet(DROPPED, tablet);
    }

    static int droppedTablet(byte[] key) {
        return ByteBuffer.wrap(key).getInt(1);
    }

    /** What all index entries of a table begin with. */
    static byte[] indexes(int tablet) {
        return tablet(INDEX, tablet);
    }

    /** What all tombstones of a table begin with. */
    static byte[] tombstones(int tablet) {
        return tablet(TOMBSTONE, tablet);
    }

    /** What all documents of a table begin with; the rest is the sort key of the id. */
    static byte[] documents(int tablet) {
        return tablet(DOCUMENT, tablet);
    }

    static byte[] document(int tablet, String id) {
        return new SortKey(documents(tablet)).add(ConvexValue.of(id)).toByteArray();
    }

    static boolean isDocument(byte[] key) {
        return key[0] == DOCUMENT;
    }

    static int tabletOfDocument(byte[] key) {
        return ByteBuffer.wrap(key).getInt(1);
    }

    static String idOfDocument(byte[] key) {
        // between the prefix with the string's tag and the string's end
        return new String(key, 6, key.length - 7, StandardCharsets.US_ASCII);
    }

    /** What all entries of an index begin with. */
    static byte[] index(int tablet, int ordinal) {
        return index(INDEX, tablet, ordinal);
    }

    /** A number of the index that the key is of, the documents of a table by id being one too. */
    static long indexOf(byte[] key) {
        if (key[0] == DOCUMENT && key.length >= 5) {
            return (long) DOCUMENT << 48 | Integer.toUnsignedLong(ByteBuffer.wrap(key).getInt(1)) << 16;
        }
        if (key[0] == INDEX && key.length >= 7) {
            ByteBuffer buffer = ByteBuffer.wrap(key);
            return (long) INDEX << 48 | Integer.toUnsignedLong(buffer.getInt(1)) << 16
                    | Short.toUnsignedInt(buffer.getShort(5));
        }
        return NO_INDEX;
    }

    static boolean isDocumentOrIndexEntry(byte[] key) {
        return key[0] == DOCUMENT || key[0] == INDEX;
    }

    /** What becomes of a schema. */
    static byte[] schema(String id) {
        return text(SCHEMA, id);
    }

    /** The schema itself, which never changes. */
    static byte[] schemaJson(String id) {
        return text(SCHEMA_JSON, id);
    }

    /** How much of the documents is checked; apart from the rest, so that counting disturbs nobody. */
    static byte[] schemaProgress(String id) {
        return text(SCHEMA_PROGRESS, id);
    }

    /** How far an index is built; apart from the rest, so that building disturbs nobody. */
    static byte[] indexProgress(int tablet, int ordinal) {
        return index(INDEX_PROGRESS, tablet, ordinal);
    }

    /** Says that the entries of an index may go. */
    static byte[] droppedIndex(int tablet, int ordinal) {
        return index(DROPPED_INDEX, tablet, ordinal);
    }

    static int droppedOrdinal(byte[] key) {
        return ByteBuffer.wrap(key).getShort(5);
    }

    private static byte[] tablet(byte prefix, int tablet) {
        return ByteBuffer.allocate(5).put(prefix).putInt(tablet).array();
    }

    private static byte[] index(byte prefix, int tablet, int ordinal) {
        return ByteBuffer.allocate(7).put(prefix).putInt(tablet).putShort((short) ordinal).array();
    }

    private static byte[] text(byte prefix, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(bytes.length + 1).put(prefix).put(bytes).array();
    }
}
