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
package dev.convexbackfill.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.convexbackfill.client.DeployKey;
import dev.convexbackfill.client.StopSignal;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.config.repository.RepositoryDataSource;
import dev.convexbackfill.config.repository.RepositoryLocation;
import dev.convexbackfill.job.run.RunRepository;
import dev.convexbackfill.local.LocalDeployment;
import dev.convexbackfill.local.limits.TransactionLimits;
import dev.convexbackfill.local.limits.TransactionUsage;
import dev.convexbackfill.local.schema.DocumentSchema;
import dev.convexbackfill.local.store.ConflictException;
import dev.convexbackfill.local.store.DocumentTransaction;
import dev.convexbackfill.partitioner.range.RangeStore.RangeRow;
import dev.convexbackfill.readerswriters.journal.JournalStore.AppliedChunk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs that write in every way, in this process, while an app goes on writing to the table. */
class WritesRunTest {

    private static final int DOCUMENTS = 1500;

    private final LocalDeployment deployment = LocalDeployment.builder().adminKey(new DeployKey("local|key")).start();

    @TempDir
    private Path folder;

    @BeforeEach
    void load() throws IOException {
        deployment.load("posts", IntStream.range(0, DOCUMENTS)
                .mapToObj(n -> ConvexObject.of("n", ConvexValue.number(n), "likes", ConvexValue.number(0))));
        deployment.load("posts_v2", Stream.of(ConvexObject.of("n", ConvexValue.number(-1))));
        Files.writeString(folder.resolve("key"), deployment.adminKey().value());
    }

    @AfterEach
    void close() {
        deployment.close();
    }

    private String repositoryUrl() {
        return "jdbc:h2:file:" + folder.resolve("repository");
    }

    private int execute(String command, String name, String table, String rest) throws IOException {
        Path plan = Files.writeString(folder.resolve(name + ".yaml"), """
                apiVersion: backfill/v1
                name: %s
                table: %s
                ranges: 4
                chunk: { documents: 25 }
                """.formatted(name, table) + rest);
        return BackfillCommand.execute(command, plan.toString(), "--url", deployment.url().toString(),
                "--admin-key-file", folder.resolve("key").toString(), "--repository", repositoryUrl());
    }

    /** Runs a plan over the posts while an app likes them; returns how often it has liked each. */
    private Map<String, Double> runWhileTheAppLikes(String name, String rest, int exitCode) throws Exception {
        List<String> ids = documents("posts").keySet().stream().toList();
        Map<String, Double> likes = new HashMap<>();
        StopSignal done = StopSignal.never();
        Thread app = Thread.ofPlatform().start(() -> {
            Random random = new Random(1);
            // as fast as it can it would win too often against a run on a busy machine
            while (!done.await(Duration.ofMillis(1))) {
                like(ids.get(random.nextInt(ids.size())), likes);
            }
        });
        try {
            assertThat(execute("run", name, "posts", rest)).isEqualTo(exitCode);
        } finally {
            done.give("the run has ended");
            app.join();
        }
        return likes;
    }

    private void like(String id, Map<String, Double> likes) {
        try (DocumentTransaction transaction = DocumentTransaction.begin(deployment.store(),
                new TransactionUsage(TransactionLimits.NONE), DocumentSchema.NONE)) {
            var found = transaction.get(id);
            if (found != null) {
                double now = found.value().number("likes") + 1;
                transaction.patch(id, Map.of("likes", ConvexValue.number(now)));
                transaction.commit();
                likes.put(id, now);
            }
        } catch (ConflictException _) {
            // the run was faster; the app tries another
        }
    }

    private Map<String, ConvexObject> documents(String table) {
        Map<String, ConvexObject> documents = new HashMap<>();
        deployment.forEach(table, document -> documents.put(document.string("_id"), document));
        return documents;
    }

    private <T> T inRepository(Function<RunRepository, T> question) {
        try (HikariDataSource dataSource = RepositoryDataSource
                .forOneQuestion(new RepositoryLocation(repositoryUrl(), null, null))) {
            return question.apply(RunRepository.over(dataSource));
        }
    }

    private Map<String, String> newIds(String run) {
        return inRepository(repository -> {
            Map<String, String> newIds = new HashMap<>();
            repository.jdbc().sql("select * from backfill_id_mapping where run_name = :run").param("run", run)
                    .query(row -> {
                        newIds.put(row.getString("source_id"), row.getString("target_id"));
                    });
            return newIds;
        });
    }

    private static <T> T at(Map<String, T> map, String id) {
        return Objects.requireNonNull(map.get(id), id);
    }

    /** What each document held when the run wrote it. */
    private Map<String, ConvexObject> journal(String run) {
        return inRepository(repository -> {
            Map<String, ConvexObject> before = new HashMap<>();
            for (RangeRow range : repository.stores().ranges().list(run)) {
                List<AppliedChunk> chunks = repository.transactions()
                        .execute(_ -> repository.stores().journal().applied(run, range.range().number()));
                for (AppliedChunk chunk : chunks) {
                    chunk.changes().values().stream().map(ConvexObject.class::cast)
                            .filter(change -> !chunk.skipped().contains(change.string("id")))
                            .forEach(change -> assertThat(before.put(change.string("id"), change.object("expect")))
                                    .isNull());
                }
            }
            return before;
        });
    }

    @Test
    void replacesEveryDocumentAndKeepsWhatTheAppWrote() throws Exception {
        Map<String, Double> likes = runWhileTheAppLikes("replace-posts", """
                transform:
                  - rename: { from: n, to: number }
                write: replace
                """, 0);

        assertThat(likes).isNotEmpty();
        Map<String, ConvexObject> posts = documents("posts");
        assertThat(posts).hasSize(DOCUMENTS);
        posts.forEach((id, post) -> {
            assertThat(post.names()).containsExactlyInAnyOrder("_creationTime", "_id", "likes", "number");
            assertThat(post.number("likes")).isEqualTo(likes.getOrDefault(id, 0.0));
        });
        assertThat(journal("replace-posts").keySet()).isEqualTo(posts.keySet());
    }

    @Test
    void deletesEveryDocumentAndRemembersTheLastThatTheAppWrote() throws Exception {
        Map<String, Double> likes = runWhileTheAppLikes("delete-posts", """
                write: delete
                confirm: delete
                """, 0);

        assertThat(likes).isNotEmpty();
        assertThat(documents("posts")).isEmpty();
        Map<String, ConvexObject> journal = journal("delete-posts");
        assertThat(journal).hasSize(DOCUMENTS);
        journal.forEach((id, before) -> assertThat(before.number("likes")).isEqualTo(likes.getOrDefault(id, 0.0)));
    }

    @Test
    void copiesEveryDocumentAndOtherTablesFollow() throws Exception {
        Map<String, Double> likes = runWhileTheAppLikes("copy-posts", """
                transform:
                  - copy: { from: _id, to: legacyId }
                  - convert: { field: _creationTime, to: date, as: created }
                write: { insertInto: posts_v2 }
                """, 0);

        assertThat(likes).isNotEmpty();
        Map<String, ConvexObject> posts = documents("posts");
        Map<String, String> newIds = newIds("copy-posts");
        Map<String, ConvexObject> journal = journal("copy-posts");
        Map<String, ConvexObject> copies = documents("posts_v2");
        assertThat(posts).hasSize(DOCUMENTS);
        assertThat(copies).hasSize(DOCUMENTS + 1);
        assertThat(newIds.keySet()).isEqualTo(posts.keySet());
        newIds.forEach((id, newId) -> {
            ConvexObject copy = at(copies, newId);
            assertThat(copy.string("legacyId")).isEqualTo(id);
            assertThat(copy.has("created")).isTrue();
            // as it was in the moment in which it was copied: the app may have written again since
            assertThat(copy.require("likes")).isEqualTo(at(journal, id).require("likes"));
            assertThat(copy.number("likes")).isLessThanOrEqualTo(at(posts, id).number("likes"));
        });

        List<String> ids = List.copyOf(posts.keySet());
        deployment.load("comments", IntStream.range(0, 100).mapToObj(n -> ConvexObject.of("post",
                ConvexValue.of(n == 99 ? "of nobody" : n == 98 ? at(newIds, ids.get(98)) : ids.get(n)))));
        Map<String, ConvexObject> comments = documents("comments");
        String follow = """
                transform:
                  - reference: { field: post, run: copy-posts }
                """;
        assertThat(execute("check", "follow", "comments", follow)).isZero();
        assertThat(execute("run", "follow", "comments", follow)).isEqualTo(3);

        documents("comments").forEach((id, comment) -> {
            String before = at(comments, id).string("post");
            assertThat(comment.string("post")).isEqualTo(newIds.getOrDefault(before, before));
        });
        inRepository(repository -> {
            assertThat(repository.stores().quarantine().list("follow", 10)).singleElement()
                    .satisfies(document -> assertThat(document.message()).isEqualTo(
                            "reference: the run 'copy-posts' has inserted no document for 'of nobody' in 'post'"));
            return true;
        });
    }

    @Test
    void whatCanNotBeIsRefusedBeforeAnythingIsWritten() throws IOException {
        String copy = "transform: [{ drop: n }]\nwrite: { insertInto: posts_v3 }\n";
        String follow = "transform: [{ reference: { field: n, run: earlier } }]\n";

        for (String command : List.of("check", "run")) {
            assertThat(execute(command, "copy", "posts", copy)).isEqualTo(2);
            assertThat(execute(command, "follow", "posts", follow)).isEqualTo(2);
        }
        assertThat(deployment.hasTable("posts_v3")).isFalse();
        assertThat(deployment.hasTable("backfillLedger")).isFalse();

        // a run that has written in place has no new ids
        assertThat(execute("run", "earlier", "posts", "transform: [{ default: { field: likes, value: 0 } }]\n"))
                .isZero();
        assertThat(execute("check", "follow", "posts", follow)).isEqualTo(2);
        assertThat(execute("run", "follow", "posts", follow)).isEqualTo(2);
    }
}
