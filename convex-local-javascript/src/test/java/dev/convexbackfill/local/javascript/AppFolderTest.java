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
package dev.convexbackfill.local.javascript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.app.AppDeployment;
import dev.convexbackfill.local.app.AppRefusedException;
import dev.convexbackfill.local.app.EngineSettings;
import dev.convexbackfill.local.app.FunctionEngine;
import dev.convexbackfill.local.app.FunctionEngines;
import dev.convexbackfill.local.function.BackfillFunctions;
import dev.convexbackfill.testsupport.ConvexApp;
import dev.convexbackfill.testsupport.NodeProject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apps in folders, as users have them: bundled with their own esbuild, called with Convex's own client. */
class AppFolderTest {

    private static final String KEY = "local|0123456789abcdef";

    @TempDir
    private Path folder;
    private final List<String> said = new CopyOnWriteArrayList<>();
    private ConvexApp app;
    private FunctionEngine engine;
    private LocalDeployment deployment;
    private AppDeployment deployed;

    @BeforeEach
    void start() {
        app = ConvexApp.in(folder.resolve("app"), "apps in TypeScript in a local deployment");
        engine = FunctionEngines.start(AppFolderTest.class, EngineSettings.DEFAULT);
        deployment = LocalDeployment.builder().adminKey(new DeployKey(KEY)).start();
        deployed = new AppDeployment(deployment, engine, app.folder(), BackfillFunctions.all(), said::add);
    }

    @AfterEach
    void stop() {
        if (deployment != null) {
            deployed.close();
            engine.close();
            deployment.close();
        }
    }

    /** Runs a script with {@code client}, an official client that is not an admin, and {@code check} of node:assert. */
    private String client(String script) {
        return NodeProject.in("convex", "the official client").run(Map.of(), "node", "--input-type=module", "-e", """
                import { ConvexHttpClient } from "convex/browser";
                import { anyApi as api } from "convex/server";
                import assert from "node:assert/strict";
                const client = new ConvexHttpClient("%s", { logger: false });
                const admin = new ConvexHttpClient("%s", { logger: false });
                admin.setAdminAuth("%s");
                %s
                """.formatted(deployment.url(), deployment.url(), KEY, script));
    }

    @Test
    void theExampleWorksWithTheOfficialClient() {
        app.withCopy("examples/app/convex");

        deployed.deploy();

        assertThat(said).anyMatch(line -> line.startsWith("The app has no module 'backfill'"))
                .anyMatch(line -> line.contains("and its schema"));
        client("""
                const ada = await client.mutation(api.users.create, { fullName: "Ada Lovelace", email: "ada@x.org" });
                await assert.rejects(client.mutation(api.users.create, { fullName: "Ada", email: "ada@x.org" }),
                  (error) => error.data.code === "emailTaken");
                await assert.rejects(client.mutation(api.users.create, { fullName: 7, email: "b@x.org" }), /ArgumentValidationError/);
                assert.equal((await client.query(api.users.get, { id: ada })).name, "Ada Lovelace");
                const posts = [];
                for (const title of ["a", "b", "c"]) posts.push(await client.mutation(api.posts.create, { author: ada, title, body: "x" }));
                await client.mutation(api.posts.like, { id: posts[1] });
                assert.equal((await client.query(api.posts.byAuthor, { author: ada })).length, 3);
                assert.equal(await client.action(api.posts.publishAll, { author: ada }), 3);
                assert.equal((await client.query(api.posts.byAuthor, { author: ada, status: "published" })).length, 3);
                const first = await client.query(api.posts.feed, { paginationOpts: { numItems: 2, cursor: null } });
                assert.deepEqual(first.page.map((post) => post.title), ["b", "c"]);
                assert.equal(first.isDone, false);
                const second = await client.query(api.posts.feed, { paginationOpts: { numItems: 2, cursor: first.continueCursor } });
                assert.deepEqual(second.page.map((post) => post.title), ["a"]);
                await client.mutation(api.posts.remove, { id: posts[0] });
                await assert.rejects(client.mutation(api.posts.like, { id: posts[0] }), (error) => error.data.code === "gone");
                await assert.rejects(client.mutation(api.posts.seed, { from: 0, count: 1 }), /Could not find public function/);
                assert.equal(await admin.mutation(api.posts.seed, { from: 0, count: 30 }), 30);
                """);
    }

    @Test
    void filtersComputeWhatConvexComputes() {
        app.with("filters.ts",
                """
                        import { query, mutation } from "./_generated/server";
                        const fill = mutation(async ({ db }) => {
                          for (const n of [1, 2, 3, 4, 5]) await db.insert("t", { n, in: { b: n > 3, i: BigInt(n) }, s: n === 2 ? undefined : "s" + n });
                        });
                        export { fill };
                        const found = async (ctx, filter) => (await ctx.db.query("t").filter(filter).collect()).map((t) => t.n);
                        export const all = query(async (ctx) => ({
                          eq: await found(ctx, (q) => q.eq(q.field("n"), 3)),
                          neq: await found(ctx, (q) => q.neq(q.field("s"), "s3")),
                          lt: await found(ctx, (q) => q.lt(q.field("n"), 2)),
                          lte: await found(ctx, (q) => q.lte(q.field("n"), 2)),
                          gt: await found(ctx, (q) => q.gt(q.field("in.i"), 4n)),
                          gte: await found(ctx, (q) => q.gte(q.field("n"), 4)),
                          math: await found(ctx, (q) => q.eq(q.mod(q.add(q.mul(q.field("n"), 2), q.sub(1, 1)), 4), q.div(0, q.neg(-1)))),
                          logic: await found(ctx, (q) => q.or(q.and(q.eq(q.field("n"), 1), true), q.not(q.neq(q.field("n"), 5)))),
                          field: await found(ctx, (q) => q.field("in.b")),
                          missing: await found(ctx, (q) => q.eq(q.field("s"), undefined)),
                          types: await found(ctx, (q) => q.lt(q.field("s"), 0)),
                          twice: (await ctx.db.query("t").filter((q) => q.gt(q.field("n"), 1)).order("desc").filter((q) => q.lt(q.field("n"), 5)).take(2)).map((t) => t.n),
                          unique: (await ctx.db.query("t").filter((q) => q.eq(q.field("n"), 2)).unique())?.n,
                        }));
                        export const mixed = query(async (ctx) => await found(ctx, (q) => q.eq(q.add(q.field("n"), 1n), 2)));
                        export const noCondition = query(async (ctx) => await found(ctx, (q) => q.field("n")));
                        export const notUnique = query(async (ctx) => await ctx.db.query("t").unique());
                        export const page = query(async (ctx, { paginationOpts }) => await ctx.db.query("t").filter((q) => q.gt(q.field("n"), 3)).paginate(paginationOpts));
                        """);

        deployed.deploy();

        client("""
                await client.mutation(api.filters.fill);
                assert.deepEqual(await client.query(api.filters.all), { eq: [3], neq: [1, 2, 4, 5], lt: [1], lte: [1, 2], gt: [5], gte: [4, 5],
                  math: [2, 4], logic: [1, 5], field: [4, 5], missing: [2], types: [2], twice: [4, 3], unique: 2 });
                await assert.rejects(client.query(api.filters.mixed), /Cannot add 1.0 \\(type Float64\\) and .* \\(type Int64\\)/);
                await assert.rejects(client.query(api.filters.noCondition), /Cannot use value 1.0 \\(type Float64\\) as a Boolean/);
                await assert.rejects(client.query(api.filters.notUnique), /unique\\(\\) query returned more than one result/);
                const short = await client.query(api.filters.page, { paginationOpts: { numItems: 5, cursor: null, maximumRowsRead: 4 } });
                assert.deepEqual([short.page.length, short.isDone, short.pageStatus], [1, false, "SplitRequired"]);
                const rest = await client.query(api.filters.page, { paginationOpts: { numItems: 5, cursor: short.continueCursor } });
                assert.deepEqual([rest.page.length, rest.isDone], [1, true]);
                """);
    }

    @Test
    void ourTypeScriptReplacesItsTwins() {
        app.withCopy("convex/backfill.ts");

        deployed.deploy();

        assertThat(said).noneMatch(line -> line.contains("has no module"));
        client("""
                assert.deepEqual(await admin.query(api.backfill.info), { protocol: 2 });
                await assert.rejects(admin.query(api.backfill.page, { table: "t", after: 7, through: null, documents: 1, bytes: 1 }), /ArgumentValidationError/);
                """);
    }

    @Test
    void aChangeIsDeployedAndAMistakeLeavesTheOldVersion() {
        app.with("a.ts", "import { query } from './_generated/server'; export const f = query(async () => 1);")
                .with("schema.ts", "import { defineSchema } from 'convex/server'; export default defineSchema({});");
        deployed.deploy();
        StopSignal stop = StopSignal.never();
        Thread watching = Thread.ofVirtual().start(() -> deployed.watch(stop));

        app.with("a.ts", "import { query } from './_generated/server'; export const f = query(async () => 22);");
        awaitSaid("Deployed 1 functions", 2);
        client("assert.equal(await client.query(api.a.f), 22);");
        app.with("a.ts", "export const this is no TypeScript");
        awaitSaid("The version before it goes on", 1);
        client("assert.equal(await client.query(api.a.f), 22);");
        app.with("a.ts", "import { query } from './_generated/server'; export const f = query(async () => 333);");
        awaitSaid("Deployed 1 functions", 3);
        client("assert.equal(await client.query(api.a.f), 333);");

        stop.give("the test is over");
        Awaitility.await().until(() -> !watching.isAlive());
    }

    private void awaitSaid(String text, int times) {
        Awaitility.await().atMost(Duration.ofMinutes(1))
                .until(() -> said.stream().filter(line -> line.contains(text)).count() >= times);
    }

    @Test
    void aSchemaThatDocumentsDoNotFitChangesNothing() {
        app.with("a.ts",
                "import { mutation } from './_generated/server'; export const f = mutation(async ({ db }) => { await db.insert('t', { n: 1 }); });");
        deployed.deploy();
        client("await client.mutation(api.a.f);");

        app.with("schema.ts", """
                import { defineSchema, defineTable } from "convex/server";
                import { v } from "convex/values";
                export default defineSchema({ t: defineTable({ n: v.string() }) });
                """);

        assertThatThrownBy(() -> deployed.deploy()).isInstanceOf(AppRefusedException.class)
                .hasMessageStartingWith("The documents do not fit the schema: ");
        client("await client.mutation(api.a.f);");
    }

    @Test
    void whatIsNotRunIsSaid() {
        app.with("node.ts",
                "// a comment\n\"use node\";\nimport { action } from './_generated/server'; export const f = action(async () => 1);")
                .with("crons.ts",
                        "import { cronJobs } from 'convex/server'; import { internal } from './_generated/api'; const crons = cronJobs(); crons.interval('tidy up', { minutes: 1 }, internal.a.f); export default crons;")
                .with("http.ts",
                        "import { httpRouter } from 'convex/server'; import { httpAction } from './_generated/server'; const http = httpRouter(); http.route({ path: '/x', method: 'GET', handler: httpAction(async () => new Response('x')) }); export default http;")
                .with("notes.test.ts", "this is no TypeScript").with("with space.ts", "nor this")
                .with("types.ts", "type A = 1;");

        deployed.deploy();

        assertThat(said).contains("Modules with \"use node\" are left out: node.ts", "Crons are not run: tidy up",
                "HTTP routes are not served: GET /x");
        assertThat(app.folder().resolve("convex/_generated")).doesNotExist();
    }

    @Test
    void whatIsMissingIsSaid() throws Exception {
        app.with("a.ts", "import { gone } from './gone'; export const f = gone;");
        assertThatThrownBy(() -> deployed.deploy()).isInstanceOf(AppRefusedException.class)
                .hasMessageContaining("Could not resolve \"./gone\"").hasMessageContaining("convex/a.ts:1:");
        Files.delete(app.folder().resolve("node_modules"));
        assertThatThrownBy(() -> deployed.deploy()).isInstanceOf(AppRefusedException.class)
                .hasMessageContaining("esbuild was not found. Install the packages of the app: cd ");
        assertThatThrownBy(() -> engine.load(folder.resolve("missing"))).isInstanceOf(AppRefusedException.class)
                .hasMessageStartingWith("There is no folder '");
    }
}
