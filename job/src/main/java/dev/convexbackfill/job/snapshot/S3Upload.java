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

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Writes an object of any length in parts. It appears when it is completed, and not when the stream is closed. One part is in
 * memory; parts grow with their number, since a store takes 10,000.
 */
final class S3Upload extends OutputStream {

    private static final int FIRST_PART = 8 << 20;
    private static final int DOUBLED_AFTER = 2000;

    private final S3Client client;
    private final String bucket;
    private final String key;
    private final BiFunction<String, SdkException, RuntimeException> failed;
    private final List<CompletedPart> parts = new ArrayList<>();
    private byte[] part = new byte[FIRST_PART];
    private int filled;
    private @Nullable String id;

    /** {@code failed} says what could not be done. */
    S3Upload(S3Client client, String bucket, String key, BiFunction<String, SdkException, RuntimeException> failed) {
        this.client = client;
        this.bucket = bucket;
        this.key = key;
        this.failed = failed;
    }

    @Override
    public void write(int single) {
        write(new byte[]{(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] content, int from, int length) {
        int at = from;
        int left = length;
        while (left > 0) {
            if (filled == part.length) {
                send();
            }
            int taken = Math.min(left, part.length - filled);
            System.arraycopy(content, at, part, filled, taken);
            filled += taken;
            at += taken;
            left -= taken;
        }
    }

    private void send() {
        try {
            if (id == null) {
                id = client.createMultipartUpload(
                        request -> request.bucket(bucket).key(key).contentType("application/zip"))
                        .uploadId();
            }
            int number = parts.size() + 1;
            String etag = client.uploadPart(
                    request -> request.bucket(bucket).key(key).uploadId(id).partNumber(number),
                    RequestBody.fromByteBuffer(ByteBuffer.wrap(part, 0, filled))).eTag();
            parts.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
            filled = 0;
            if (parts.size() % DOUBLED_AFTER == 0) {
                part = new byte[part.length * 2];
            }
        } catch (SdkException refused) {
            throw failed.apply("written to", refused);
        }
    }

    /** Makes the object appear. */
    void complete() {
        try {
            if (id == null) {
                client.putObject(request -> request.bucket(bucket).key(key).contentType("application/zip"),
                        RequestBody.fromByteBuffer(ByteBuffer.wrap(part, 0, filled)));
                return;
            }
            if (filled > 0) {
                send();
            }
            client.completeMultipartUpload(request -> request.bucket(bucket).key(key).uploadId(id)
                    .multipartUpload(all -> all.parts(parts)));
        } catch (SdkException refused) {
            throw failed.apply("written to", refused);
        }
    }

    /** Gives up what was sent; what can't be given up is a leftover for the next snapshot. */
    void abort() {
        String begun = id;
        if (begun != null) {
            try {
                client.abortMultipartUpload(request -> request.bucket(bucket).key(key).uploadId(begun));
            } catch (SdkException _) {
                // the failure that led here is the one to tell
            }
        }
    }

    @Override
    public void close() throws IOException {
        // it is completed when all of it is known to be right
    }
}
