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

import dev.convexbackfill.client.value.InvalidValueException;
import dev.convexbackfill.job.run.RefusedException;
import dev.convexbackfill.job.snapshot.SnapshotPlaces.StoreAccess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Snapshots in a bucket of an S3-compatible store. The content appears when its upload is completed, and the snapshot with its
 * manifest, which is written last. Credentials come from where they usually do: the environment, a profile, the machine.
 */
final class S3Place implements SnapshotPlace {

    /** What others write for so long is taken for left. */
    private static final Duration LEFT_AFTER = Duration.ofDays(1);

    private final S3Client client;
    private final String bucket;
    private final String prefix;

    private S3Place(S3Client client, String bucket, String prefix) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix;
    }

    static S3Place open(String bucketAndPrefix, StoreAccess access) {
        int slash = bucketAndPrefix.indexOf('/');
        String bucket = slash < 0 ? bucketAndPrefix : bucketAndPrefix.substring(0, slash);
        String prefix = slash < 0 ? "" : bucketAndPrefix.substring(slash + 1);
        if (bucket.isBlank()) {
            throw new RefusedException(
                    "'s3://%s' names no bucket; write s3://bucket/prefix".formatted(bucketAndPrefix));
        }
        S3ClientBuilder builder = S3Client.builder().forcePathStyle(access.pathStyle())
                // stores that are not Amazon's may not know the checksums; the manifest has one of its own
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        try {
            if (access.endpoint() != null) {
                builder.endpointOverride(URI.create(access.endpoint()));
            }
            if (access.region() != null) {
                builder.region(Region.of(access.region()));
            }
            return new S3Place(builder.build(), bucket,
                    prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/");
        } catch (SdkException | IllegalArgumentException | NullPointerException unusable) {
            throw new RefusedException("The store of 's3://%s' can't be used: %s".formatted(bucketAndPrefix,
                    unusable.getMessage()), unusable);
        }
    }

    @Override
    public String describe() {
        return "s3://" + bucket + "/" + prefix;
    }

    private String key(String name, String file) {
        return prefix + name + "/" + file;
    }

    @Override
    public List<String> names() {
        Set<String> names = new TreeSet<>();
        for (S3Object object : objects()) {
            nameIn(object.key(), MANIFEST, names);
        }
        return List.copyOf(names);
    }

    private void nameIn(String key, String file, Set<String> names) {
        String end = "/" + file;
        if (key.startsWith(prefix) && key.endsWith(end) && key.length() > prefix.length() + end.length()) {
            String name = key.substring(prefix.length(), key.length() - end.length());
            if (SnapshotName.isValid(name)) {
                names.add(name);
            }
        }
    }

    private List<S3Object> objects() {
        return call("listed", () -> client.listObjectsV2Paginator(request -> request.bucket(bucket).prefix(prefix))
                .contents().stream().toList());
    }

    @Override
    public @Nullable Manifest find(String name) {
        try {
            byte[] json = client.getObjectAsBytes(request -> request.bucket(bucket).key(key(name, MANIFEST)))
                    .asByteArray();
            return Manifest.fromJson(json);
        } catch (NoSuchKeyException _) {
            return null;
        } catch (SdkException failed) {
            throw failed("read", failed);
        } catch (InvalidValueException invalid) {
            throw new RefusedException("The snapshot '%s' in %s can't be read: %s".formatted(name, describe(),
                    invalid.getMessage()), invalid);
        }
    }

    @Override
    public Content content(Manifest manifest) {
        Manifest.ContentFile expected = requireNonNull(manifest.file(), "a snapshot with content has a file");
        Path file;
        try {
            file = Files.createTempFile("backfill-snapshot", ".zip");
        } catch (IOException unwritable) {
            throw new UncheckedIOException("The snapshot can't be fetched: " + unwritable.getMessage(), unwritable);
        }
        Content content = new Content() {

            @Override
            public Path file() {
                return file;
            }

            @Override
            public void close() {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException left) {
                    throw new UncheckedIOException("The file '%s' can't be deleted".formatted(file), left);
                }
            }
        };
        try (InputStream in = client
                .getObject(request -> request.bucket(bucket).key(key(manifest.name(), CONTENT)));
                DigestedOutput out = new DigestedOutput(Files.newOutputStream(file))) {
            in.transferTo(out);
            if (out.bytes() != expected.bytes() || !out.sha256Hex().equals(expected.sha256())) {
                throw new IOException(
                        "its content is not the one that its manifest tells of");
            }
            return content;
        } catch (IOException broken) {
            content.close();
            throw new UncheckedIOException("The snapshot '%s' can't be fetched from %s: %s".formatted(manifest.name(),
                    describe(), broken.getMessage()), broken);
        } catch (SdkException failed) {
            content.close();
            throw failed("read", failed);
        }
    }

    @Override
    public Writing begin(String name) {
        if (find(name) != null) {
            throw SnapshotName.taken(name, describe());
        }
        // what a killed one has left of this very name
        call("cleaned up", () -> {
            uploads().stream().filter(upload -> upload.key().equals(key(name, CONTENT))).forEach(this::abort);
            return client.deleteObject(request -> request.bucket(bucket).key(key(name, CONTENT)));
        });
        return new StoreWriting(name);
    }

    private final class StoreWriting implements Writing {

        private final String name;
        private @Nullable S3Upload upload;
        private @Nullable Path scratch;
        private boolean isCommitted;

        StoreWriting(String name) {
            this.name = name;
        }

        @Override
        public OutputStream content() {
            upload = new S3Upload(client, bucket, key(name, CONTENT), S3Place.this::failed);
            return upload;
        }

        @Override
        public Path scratch() throws IOException {
            if (scratch == null) {
                scratch = Files.createTempDirectory("backfill-snapshot");
            }
            return scratch;
        }

        @Override
        public void commit(Manifest manifest) {
            if (upload != null) {
                upload.complete();
            }
            call("written to", () -> client.putObject(
                    request -> request.bucket(bucket).key(key(name, MANIFEST)).contentType("application/json"),
                    RequestBody.fromBytes(manifest.toJson())));
            isCommitted = true;
        }

        @Override
        public void close() {
            try {
                if (upload != null && !isCommitted) {
                    upload.abort();
                }
            } finally {
                if (scratch != null) {
                    FolderPlace.deleteQuietly(scratch);
                }
            }
        }
    }

    @Override
    public List<Leftover> clean() {
        Instant old = Instant.now().minus(LEFT_AFTER);
        List<Leftover> leftovers = new ArrayList<>();
        for (MultipartUpload upload : call("listed", this::uploads)) {
            boolean isInUse = upload.initiated().isAfter(old);
            if (!isInUse) {
                call("cleaned up", () -> abort(upload));
            }
            leftovers.add(new Leftover("an upload of s3://%s/%s".formatted(bucket, upload.key()), isInUse));
        }
        List<S3Object> objects = objects();
        Set<String> whole = new TreeSet<>();
        objects.forEach(object -> nameIn(object.key(), MANIFEST, whole));
        for (S3Object object : objects) {
            Set<String> name = new TreeSet<>();
            nameIn(object.key(), CONTENT, name);
            if (!name.isEmpty() && !whole.containsAll(name)) {
                boolean isInUse = object.lastModified().isAfter(old);
                if (!isInUse) {
                    call("cleaned up", () -> client.deleteObject(request -> request.bucket(bucket).key(object.key())));
                }
                leftovers.add(new Leftover("s3://%s/%s, without a manifest".formatted(bucket, object.key()), isInUse));
            }
        }
        return leftovers;
    }

    private List<MultipartUpload> uploads() {
        Set<String> ours = new TreeSet<>();
        return client.listMultipartUploadsPaginator(request -> request.bucket(bucket).prefix(prefix)).uploads().stream()
                .filter(upload -> {
                    ours.clear();
                    nameIn(upload.key(), CONTENT, ours);
                    return !ours.isEmpty();
                }).toList();
    }

    private Object abort(MultipartUpload upload) {
        return client.abortMultipartUpload(
                request -> request.bucket(bucket).key(upload.key()).uploadId(upload.uploadId()));
    }

    private <T> T call(String what, Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException failed) {
            throw failed(what, failed);
        }
    }

    /** Messages of the store name buckets, keys and codes, never a secret. */
    private UncheckedIOException failed(String what, SdkException failed) {
        String said = failed instanceof S3Exception answer && answer.awsErrorDetails() != null
                ? "%s, HTTP %d".formatted(answer.awsErrorDetails().errorCode(), answer.statusCode())
                : String.valueOf(failed.getMessage());
        return new UncheckedIOException("The store %s can't be %s (%s)".formatted(describe(), what, said),
                new IOException(failed));
    }

    @Override
    public void close() {
        client.close();
    }
}
