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
package dev.convexbackfill.job.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plans that move posts into another table, one after the other. */
class CopyTest {

    private static final int POSTS = 230;

    @TempDir
    private Path folder;

    @Test
    void postsMoveIntoAnotherTableAndTheirCommentsFollow() {
        try (ExampleApp app = new ExampleApp(folder)) {
            app.seed("users", 30);
            app.seed("posts", POSTS);
            app.seed("comments", 310);
            Map<String, ConvexObject> posts = app.documents("posts");
            Map<String, ConvexObject> comments = app.documents("comments");

            assertThat(app.run("copy/comments.yaml", 2)).contains("There is no run 'copy-posts' in the repository");
            assertThat(app.run("copy/posts.yaml", 0))
                    .contains("inserted              230   into 'posts_v2'; the sources stay");

            assertThat(app.documents("posts")).isEqualTo(posts);
            Map<String, String> newIds = new HashMap<>();
            app.documents("posts_v2").forEach((id, copy) -> {
                String source = copy.object("meta").string("source").substring("posts/".length());
                assertThat(newIds.put(source, id)).isNull();
                assertThat(copy.without("_id").without("_creationTime")).isEqualTo(copyOf(at(posts, source)));
            });
            assertThat(newIds.keySet()).isEqualTo(posts.keySet());

            app.run("copy/comments.yaml", 0);

            app.documents("comments").forEach((id, comment) -> {
                ConvexObject before = at(comments, id);
                ConvexObject expected = before.with("post", ConvexValue.of(at(newIds, before.string("post"))));
                assertThat(comment).isEqualTo(before.has("related")
                        ? expected.with("related", newIds(before.array("related"), newIds))
                        : expected);
            });

            assertThat(app.run("copy/delete-posts.yaml", 0)).contains("deleted               230   by the run")
                    .contains("gone                    0   deleted by the app before the run came to them");

            assertThat(app.documents("posts")).isEmpty();
            assertThat(app.documents("posts_v2")).hasSize(POSTS);
        }
    }

    private static <T> T at(Map<String, T> map, String id) {
        return Objects.requireNonNull(map.get(id), id);
    }

    private static ConvexArray newIds(ConvexArray ids, Map<String, String> newIds) {
        List<ConvexValue> values = new ArrayList<>();
        ids.forEach(id -> values.add(ConvexValue.of(at(newIds, ((ConvexString) id).value()))));
        return ConvexValue.array(values);
    }

    private static ConvexObject copyOf(ConvexObject post) {
        List<ConvexValue> tags = post.has("tags")
                ? Arrays.stream(post.string("tags").split(",", -1)).map(String::strip).distinct()
                        .<ConvexValue>map(ConvexValue::of).toList()
                : List.of();
        return ConvexObject.builder()
                .put("authorId", post.string("author"))
                .put("headline", post.string("title"))
                .put("isPublished", post.string("status").equals("published"))
                .put("likes", post.number("likes"))
                .put("meta",
                        ConvexObject.builder().put("source", "posts/" + post.string("_id")).put("version", 2).build())
                .put("tags", ConvexValue.array(tags))
                .put("text", post.string("body"))
                .build();
    }
}
