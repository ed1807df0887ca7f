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
import dev.convexbackfill.client.value.ConvexValue;
import dev.convexbackfill.job.progress.Tally;
import dev.convexbackfill.job.run.RefusedException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots in a real S3 server. */
class S3PlaceTest {

    private static final String ID_PROPERTY = "aws.accessKeyId";
    private static final String SECRET_PROPERTY = "aws.secretAccessKey";
    /** More than one part of an upload. */
    private static final int LARGE = 24;
    private static final int LARGE_BYTES = 400_000;

    @TempDir
    private static Path folder;

    private static S3Server server;

    @BeforeAll
    static void serve() throws IOException {
        server = S3Server.start(folder);
        System.setProperty(ID_PROPERTY, S3Server.KEY_ID);
        System.setProperty(SECRET_PROPERTY, S3Server.SECRET);
    }

    @AfterAll
    static void stop() {
        System.clearProperty(ID_PROPERTY);
        System.clearProperty(SECRET_PROPERTY);
        server.close();
    }

    @Test
    void aSnapshotOfSeveralPartsIsComparedAndRestoredFromTheStore() {
        try (SnapshotFixture app = new SnapshotFixture(); SnapshotPlace place = server.place("prod/")) {
            Random random = new Random(1);
            app.deployment.load("files", IntStream.range(0, LARGE).mapToObj(n -> {
                byte[] noise = new byte[LARGE_BYTES];
                random.nextBytes(noise);
                return ConvexObject.of("n", ConvexValue.number(n), "noise", ConvexValue.of(noise));
            }));
            app.load("posts", 50);
            NavigableMap<String, ConvexObject> original = app.documents("files");

            Manifest manifest = app.take(place, "large", "files");
            app.take(place, "small", "posts");
            app.take(place, "point");

            assertThat(requireNonNull(manifest.file()).bytes()).isGreaterThan(9 << 20);
            assertThat(place.names()).containsExactly("large", "point", "small");
            assertThat(place.find("large")).isEqualTo(manifest);
            assertThat(place.clean()).isEmpty();
            assertThatThrownBy(() -> app.take(place, "large", "files")).isInstanceOf(RefusedException.class)
                    .hasMessageStartingWith("There is already a snapshot 'large' in s3://points/prod/");
            app.count(original.firstKey());
            assertThat(requireNonNull(
                    SnapshotDiff.withNow(manifest, place, app.source(), 20, new Tally()).tables().get("files"))
                    .different()).isEqualTo(1);
            new Restore(app.source(), place, new Tally()).restore(manifest, "files", _ -> {});
            assertThat(app.documents("files")).isEqualTo(original);
        }
    }

    @Test
    void whatWasNotCompletedIsNoSnapshotAndGoesWithTheNextOfItsName() throws IOException {
        try (SnapshotFixture app = new SnapshotFixture(); SnapshotPlace place = server.place("left")) {
            app.load("posts", 3);
            // its process is killed: nobody closes it
            OutputStream content = place.begin("half").content();
            content.write(new byte[9 << 20]);

            assertThat(place.names()).isEmpty();
            assertThat(place.find("half")).isNull();
            assertThat(place.clean()).containsExactly(
                    new SnapshotPlace.Leftover("an upload of s3://points/left/half/snapshot.zip", true));

            app.take(place, "half", "posts");

            assertThat(place.clean()).isEmpty();
            assertThat(place.names()).containsExactly("half");
        }
    }

    @Test
    void aStoreThatRefusesIsNamedWithoutTheSecret() {
        System.setProperty(SECRET_PROPERTY, "another-secret");
        try (SnapshotPlace place = server.place("x")) {
            assertThatThrownBy(place::names).isInstanceOf(UncheckedIOException.class)
                    .hasMessage("The store s3://points/x/ can't be listed (SignatureDoesNotMatch, HTTP 403)");
        } finally {
            System.setProperty(SECRET_PROPERTY, S3Server.SECRET);
        }
        assertThatThrownBy(() -> SnapshotPlaces.open("s3://", new SnapshotPlaces.StoreAccess(null, null, false)))
                .isInstanceOf(RefusedException.class).hasMessage("'s3://' names no bucket; write s3://bucket/prefix");
    }
}
