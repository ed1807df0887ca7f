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
package dev.convexbackfill.contract;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.value.ConvexNull;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.TestFunctions;
import dev.convexbackfill.local.function.FunctionDefinition;
import dev.convexbackfill.local.function.FunctionDefinition.Visibility;
import dev.convexbackfill.local.function.FunctionKind;
import dev.convexbackfill.local.function.LogLines.Level;
import dev.convexbackfill.local.schema.Validator;
import dev.convexbackfill.testsupport.JavaProcess;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Empty deployments in a process of its own, as {@code backfill local} serves one. */
final class DeploymentsServer {

    static final DeployKey KEY = new DeployKey("local|0123456789abcdef");

    private static final String SERVING = "serving ";

    private static final List<FunctionDefinition> FUNCTIONS = List.of(
            new FunctionDefinition("users:current", FunctionKind.QUERY, Visibility.PUBLIC, Validator.object(),
                    Validator.ANY, (context, _) -> {
                        ConvexObject user = context.user();
                        return user == null ? ConvexNull.NULL : user.require("name");
                    }),
            new FunctionDefinition("users:greet", FunctionKind.QUERY, Visibility.PUBLIC,
                    Validator.object().field("name", Validator.STRING), Validator.STRING, (context, args) -> {
                        context.log().add(Level.INFO, "'greets'");
                        return ConvexValue.of("Hello, " + args.string("name"));
                    }));

    private DeploymentsServer() {}

    /** Starts as many deployments. */
    static JavaProcess start(int count) {
        return JavaProcess.start(DeploymentsServer.class, List.of(), Map.of(), String.valueOf(count));
    }

    /** The deployments of {@code server} once there are {@code count}. */
    static List<ServedDeployment> await(JavaProcess server, int count) {
        server.awaitLine(_ -> served(server).size() == count);
        return served(server);
    }

    private static List<ServedDeployment> served(JavaProcess server) {
        return server.output().stream().filter(line -> line.startsWith(SERVING))
                .map(line -> new ServedDeployment(URI.create(line.substring(SERVING.length())))).toList();
    }

    /** Serves as many as the first argument says. */
    public static void main(String[] args) throws InterruptedException {
        for (int i = 0; i < Integer.parseInt(args[0]); i++) {
            LocalDeployment deployment = LocalDeployment.builder().adminKey(KEY).alsoFunctions(TestFunctions.all())
                    .alsoFunctions(FUNCTIONS).start();
            System.out.println(SERVING + deployment.url());
        }
        new CountDownLatch(1).await();
    }
}
