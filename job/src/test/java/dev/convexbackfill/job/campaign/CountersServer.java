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
package dev.convexbackfill.job.campaign;

import static java.util.Objects.requireNonNull;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.function.Database;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.schema.Validator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A deployment with a table of counters: the app adds a thousand with every numbered write, and a run is to add one to each,
 * once. So each counter tells how often both have happened. With every fifth of its writes the app also writes a last name.
 */
final class CountersServer {

    static final String TABLE = "counters";
    static final String WRITE = "counters:write";
    static final int APP_ADDS = 1000;
    static final String NOTE = "a document of the usual size; it has some text in it that nobody ever changes";
    /** Where runs that copy put their copies. It has a document that is none. */
    static final String COPIES = "copies";
    /** How many groups there are, of about the same size. */
    static final int GROUPS = 3;
    /** Of groups, and of counters in these. */
    static final String INDEX = "by_group";
    private static final String SCHEMA = """
            {"schemaValidation": false, "tables": [{"tableName": "%s", "searchIndexes": [], "vectorIndexes": [],
              "indexes": [{"indexDescriptor": "%s", "fields": ["group", "counter"]}], "documentType": null}]}"""
            .formatted(TABLE, INDEX);

    private CountersServer() {}

    /** Arguments: port, folder, key, number of documents. */
    public static void main(String[] args) throws InterruptedException {
        FunctionDefinition write = FunctionDefinition.mutation(WRITE, Visibility.PUBLIC,
                Validator.object().field("id", Validator.STRING).field("number", Validator.NUMBER),
                CountersServer::write);
        LocalDeployment deployment = LocalDeployment.builder()
                .port(Integer.parseInt(args[0]))
                .directory(Path.of(args[1]))
                .adminKey(new DeployKey(args[2]))
                .alsoFunctions(List.of(write))
                .start();
        boolean isNew = !deployment.hasTable(TABLE);
        deployment.pushSchema(SCHEMA);
        if (isNew) {
            deployment.load(TABLE,
                    IntStream.range(0, Integer.parseInt(args[3])).mapToObj(number -> ConvexObject.builder()
                            .put("number", number)
                            .put("group", number % GROUPS)
                            .put("counter", 0)
                            .put("name", name(number))
                            .put("note",
                                    NOTE)
                            .put("writes", ConvexValue.array())
                            .build()));
        }
        if (!deployment.hasTable(COPIES)) {
            deployment.load(COPIES, Stream.of(ConvexObject.EMPTY));
        }
        System.out.println("serving " + deployment.url());
        new CountDownLatch(1).await();
    }

    private static ConvexValue write(Database db, ConvexObject args) {
        ConvexObject document = requireNonNull(db.get(args.string("id")), "the document is gone");
        List<ConvexValue> writes = new ArrayList<>(((ConvexArray) document.require("writes")).values());
        writes.add(args.require("number"));
        Map<String, ConvexValue> fields = new HashMap<>(
                Map.of("counter", ConvexValue.number(document.number("counter") + APP_ADDS),
                        "writes", ConvexValue.array(writes)));
        if (writesLastName((long) args.number("number"))) {
            fields.put("last", ConvexValue.of(lastName((long) args.number("number"))));
        }
        db.patch(args.string("id"), fields);
        return ConvexNull.NULL;
    }

    /** What the counter of that number is called. */
    static String name(int number) {
        return "First%d Last%d".formatted(number, number);
    }

    static boolean writesLastName(long write) {
        return write % 5 == 0;
    }

    /** What that write of the app writes. */
    static String lastName(long write) {
        return "app-" + write;
    }
}
