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
package dev.convexbackfill.local.function;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.DocumentDigest;
import dev.convexbackfill.local.function.Database.Page;
import dev.convexbackfill.local.schema.Validator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The Java twins of {@code digest} and {@code contents} in {@code convex/backfill.ts}, which see there. */
final class DigestFunctions {

    private static final Validator BOUND = Validator.nullable(Validator.STRING);

    static final Validator DIGEST = Validator.object().field("table", Validator.STRING).field("after", BOUND)
            .field("through", BOUND).field("ends", Validator.array(Validator.STRING))
            .field("fields", Validator.nullable(Validator.array(Validator.STRING)))
            .field("documents", Validator.NUMBER).field("bytes", Validator.NUMBER).field("each", Validator.BOOLEAN);
    static final Validator CONTENTS = Validator.object().field("ids", Validator.array(Validator.STRING));

    private DigestFunctions() {}

    /** {@code page} is what the arguments name. */
    static ConvexValue digest(Page page, ConvexObject args) {
        List<String> ends = strings(args.array("ends"));
        List<String> fields = args.get("fields") instanceof ConvexArray names ? strings(names) : null;
        int[] counts = new int[ends.size() + 1];
        DocumentDigest[] sums = new DocumentDigest[ends.size() + 1];
        Arrays.fill(sums, DocumentDigest.NONE);
        List<ConvexValue> each = new ArrayList<>();
        int part = 0;
        String position = null;
        for (ConvexObject document : page.documents()) {
            String id = document.string("_id");
            while (part < ends.size() && id.compareTo(ends.get(part)) > 0) {
                part++;
            }
            DocumentDigest own = DocumentDigest.of(id, DocumentDigest.ofContent(document, fields));
            counts[part]++;
            sums[part] = sums[part].plus(own);
            position = id;
            if (args.bool("each")) {
                each.add(ConvexObject.of("id", ConvexValue.of(id), "digest", ConvexValue.of(own.toString())));
            }
        }
        List<ConvexValue> parts = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            parts.add(ConvexObject.of("documents", ConvexValue.number(counts[i]), "digest",
                    ConvexValue.of(sums[i].toString())));
        }
        return ConvexObject.builder().put("parts", ConvexValue.array(parts)).put("each", ConvexValue.array(each))
                .putNullable("position", position).put("isDone", page.isDone()).build();
    }

    static ConvexValue contents(Database db, ConvexObject args) {
        List<ConvexValue> contents = new ArrayList<>();
        for (String id : strings(args.array("ids"))) {
            contents.add(content(db.get(id)));
        }
        return ConvexValue.array(contents);
    }

    private static ConvexValue content(@Nullable ConvexObject document) {
        return document == null ? ConvexNull.NULL
                : ConvexValue.of(DocumentDigest.ofContent(document, null).toString());
    }

    private static List<String> strings(ConvexArray array) {
        return array.values().stream().map(value -> ((ConvexString) value).value()).toList();
    }
}
