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

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.snapshot.Restore.Result;
import dev.convexbackfill.job.snapshot.Restore.WritesBetween;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots against what the app does afterwards. */
class RestoreTest {

    private static final int DOCUMENTS = 2100;

    @TempDir
    private Path folder;

    private final SnapshotFixture app = new SnapshotFixture();
    private FolderPlace place;
    private Manifest manifest;
    private NavigableMap<String, ConvexObject> original;

    @BeforeEach
    void take() {
        place = new FolderPlace(folder);
        app.load("posts", DOCUMENTS);
        app.load("others", 3);
        original = app.documents("posts");
        manifest = app.take(place, "before", "posts");
    }

    @AfterEach
    void close() {
        app.close();
    }

    private Result restore(Restore.Consent consent) {
        return new Restore(app.source(), place, new Tally()).restore(manifest, "posts", consent);
    }

    /** One document deleted, one inserted, two changed. */
    private void goOn() {
        List<String> ids = List.copyOf(original.keySet());
        app.delete(ids.get(5));
        app.count(ids.get(6));
        app.count(ids.get(2000));
        app.insert("posts");
    }

    @Test
    void aDifferenceIsMissingExtraOrDifferentAndShowsSomeOfEach() {
        goOn();
        List<String> ids = List.copyOf(original.keySet());

        SnapshotDiff now = SnapshotDiff.withNow(manifest, place, app.source(), 1, new Tally());
        Manifest after = app.take(place, "after", "posts", "others");
        SnapshotDiff two = SnapshotDiff.between(manifest, after, place, 1, new Tally());

        TableDiff.Result posts = requireNonNull(now.tables().get("posts"));
        assertThat(posts.same()).isEqualTo(DOCUMENTS - 3);
        assertThat(posts.missing()).isEqualTo(1);
        assertThat(posts.extra()).isEqualTo(1);
        assertThat(posts.different()).isEqualTo(2);
        assertThat(posts.examples()).hasSize(3)
                .contains(new TableDiff.Example(TableDiff.Kind.MISSING, ids.get(5), List.of()),
                        new TableDiff.Example(TableDiff.Kind.DIFFERENT, ids.get(6), List.of("n")));
        assertThat(posts).isEqualTo(two.tables().get("posts"));
        assertThat(two.counts().get("posts")).isEqualTo(
                new SnapshotDiff.Counts((long) DOCUMENTS, (long) DOCUMENTS));
        assertThat(two.leftOut()).containsExactly("others");
    }

    @Test
    void twoSnapshotsOfTheSameDifferInNothing() {
        Manifest again = app.take(place, "again", "posts");

        SnapshotDiff difference = SnapshotDiff.between(manifest, again, place, 20, new Tally());

        assertThat(difference.isEmpty()).isTrue();
        assertThat(requireNonNull(difference.tables().get("posts")).same()).isEqualTo(DOCUMENTS);
    }

    @Test
    void anotherSchemaAnIndexAndACountAreToldApart() {
        app.deployment.pushSchema(
                """
                        {"schemaValidation":true,"tables":[{"tableName":"posts","indexes":[{"indexDescriptor":"by_n","fields":["n"]}],
                        "searchIndexes":[],"vectorIndexes":[],"documentType":null}]}""");
        app.insert("others");

        SnapshotDiff difference = SnapshotDiff.between(manifest, app.take(place, "after"), place, 20, new Tally());

        assertThat(difference.schema()).hasSize(2).first().asString()
                .startsWith("schema of 'posts': added, {");
        assertThat(difference.indexes()).containsExactly("index 'by_n' of 'posts': added, (n, _creationTime)");
        assertThat(difference.counts().get("others")).isEqualTo(new SnapshotDiff.Counts(3L, 4L));
        assertThat(difference.tables()).isEmpty();
        assertThat(difference.leftOut()).containsExactly("posts");
    }

    @Test
    void whatTheAppHasWrittenSinceIsNamedAndAsksForConsent() {
        goOn();
        List<String> ids = List.copyOf(original.keySet());

        assertThatThrownBy(() -> restore(difference -> {
            assertThat(difference.extra()).isEqualTo(1);
            assertThat(difference.different()).isEqualTo(2);
            assertThat(difference.missing()).isEqualTo(1);
            assertThat(difference.newerIds()).hasSize(3).contains(ids.get(6), ids.get(2000)).doesNotContain(ids.get(5));
            throw new RefusedException("no");
        })).isInstanceOf(RefusedException.class).hasMessage("no");

        assertThat(app.documents("posts")).isNotEqualTo(original).hasSize(DOCUMENTS);
    }

    @Test
    void aTableIsPutBackWithItsIdsAndOthersStay() {
        NavigableMap<String, ConvexObject> others = app.documents("others");
        goOn();

        Result result = restore(_ -> {});

        assertThat(app.documents("posts")).isEqualTo(original);
        assertThat(app.documents("others")).isEqualTo(others);
        assertThat(result.after()).isEqualTo(new TableDiff.Result(DOCUMENTS, 0, 0, 0, List.of()));
        assertThat(requireNonNull(result.unseen()).writes()).isZero();
        assertThat(restore(_ -> {
            throw new AssertionError("there is nothing to ask");
        }).unseen()).isNull();
    }

    @Test
    void whatTheAppWritesBetweenTheComparisonAndTheImportIsListedAsOverwritten() {
        app.delete(original.firstKey());
        String written = original.lastKey();

        Result result = restore(_ -> {
            app.count(written);
            app.count(written);
        });

        assertThat(app.documents("posts")).isEqualTo(original);
        WritesBetween unseen = requireNonNull(result.unseen());
        assertThat(unseen.isKnown()).isTrue();
        assertThat(unseen.writes()).isEqualTo(2);
        assertThat(unseen.ids()).containsExactly(written);
    }

    @Test
    void withoutStreamingExportNobodyCanTellWhatWasWrittenInBetween() {
        app.delete(original.firstKey());

        Result result = new Restore(SnapshotFixture.source(app.client, false), place, new Tally()).restore(manifest,
                "posts", _ -> {});

        assertThat(requireNonNull(result.unseen()).isKnown()).isFalse();
        assertThat(app.documents("posts")).isEqualTo(original);
    }

    @Test
    void whatIsNotInTheSnapshotIsNotRestored() {
        assertThatThrownBy(() -> new Restore(app.source(), place, new Tally()).restore(manifest, "others", _ -> {}))
                .isInstanceOf(RefusedException.class)
                .hasMessage("The snapshot 'before' has no documents of 'others'. It has those of: posts");
        Manifest ofAnother = new Manifest("x", "http://other", manifest.point(),
                List.of(new Manifest.Table("posts", 77, 1, "", new Consistency.AtTimestamp(1))), null);
        assertThatThrownBy(() -> new Restore(app.source(), place, new Tally()).restore(ofAnother, "posts", _ -> {}))
                .isInstanceOf(RefusedException.class).hasMessageContaining("that of the snapshot 77");
    }
}
