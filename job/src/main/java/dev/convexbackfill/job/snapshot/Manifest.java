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
package dev.convexbackfill.job.snapshot;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.client.value.ExportJson;
import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.job.point.DeploymentPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a snapshot is: the small file beside its content. A snapshot without one does not exist.
 *
 * @param deployment the deployment's URL
 * @param content    of the tables that the content has; empty for a point without content
 * @param file       what the content is as a file; null if there is none
 */
public record Manifest(String name, String deployment, DeploymentPoint point, List<Table> content,
        @Nullable ContentFile file) {

    private static final String FORMAT = "convex-backfill/snapshot/1";
    /** What no snapshot has, said in each. */
    private static final List<String> NEVER = List.of(
            "files in storage (the system table _storage)", "tables of components",
            "functions, environment variables and scheduled functions");

    public Manifest {
        content = List.copyOf(content);
    }

    /**
     * A table with all its documents.
     *
     * @param number    a part of the documents' ids
     * @param documents how many
     * @param sha256    of its lines, in the order of ids, in hexadecimal digits
     */
    public record Table(String name, long number, long documents, String sha256, Consistency consistency) {}

    /**
     * The file with the content.
     *
     * @param bytes  how long it is
     * @param sha256 in hexadecimal digits
     */
    public record ContentFile(long bytes, String sha256) {}

    /** The content of a table, if it has it. */
    public Optional<Table> table(String table) {
        return content.stream().filter(one -> one.name().equals(table)).findFirst();
    }

    /** JSON; {@link #fromJson} reads it again. */
    byte[] toJson() {
        List<ConvexValue> tables = new ArrayList<>();
        for (Table table : content) {
            tables.add(ConvexObject.builder().put("name", table.name()).put("number", ConvexValue.int64(table.number()))
                    .put("documents", ConvexValue.int64(table.documents())).put("sha256", table.sha256())
                    .put("consistency", table.consistency().toObject()).build());
        }
        ContentFile zip = file;
        return ExportJson.encode(ConvexObject.builder().put("format", FORMAT).put("name", name)
                .put("deployment", deployment).put("point", point.toObject()).put("content", new ConvexArray(tables))
                .put("file", zip == null ? ConvexNull.NULL
                        : ConvexObject.of("bytes", ConvexValue.int64(zip.bytes()), "sha256",
                                ConvexValue.of(zip.sha256())))
                .put("neverIncluded", ConvexValue.array(NEVER.stream().map(ConvexValue::of).toList()))
                .build());
    }

    /** Throws {@link InvalidValueException} for what is no manifest of this version. */
    static Manifest fromJson(byte[] json) {
        try {
            ConvexObject object = ExportJson.decodeObject(json);
            if (!object.string("format").equals(FORMAT)) {
                throw new InvalidValueException("The snapshot is of the format '%s', and this version reads '%s'"
                        .formatted(object.string("format"), FORMAT));
            }
            List<Table> content = new ArrayList<>();
            for (ConvexValue element : object.array("content")) {
                ConvexObject table = (ConvexObject) element;
                content.add(new Table(table.string("name"), ((ConvexInt64) table.require("number")).value(),
                        ((ConvexInt64) table.require("documents")).value(), table.string("sha256"),
                        Consistency.fromObject(table.object("consistency"))));
            }
            ContentFile file = object.require("file") instanceof ConvexObject zip
                    ? new ContentFile(((ConvexInt64) zip.require("bytes")).value(), zip.string("sha256"))
                    : null;
            return new Manifest(object.string("name"), object.string("deployment"),
                    DeploymentPoint.fromObject(object.object("point")), content, file);
        } catch (ClassCastException unexpected) {
            throw new InvalidValueException("It is no manifest of a snapshot: " + unexpected.getMessage());
        }
    }
}
