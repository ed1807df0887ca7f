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
package dev.convexbackfill.local.limits;

/** The deployment is busy. Nothing was committed; the caller may try again later. Answered with status 429. */
public final class RateLimitedException extends RuntimeException {

    private final String code;
    private final boolean passesByItself;

    private RateLimitedException(String code, String message, boolean passesByItself) {
        super(message);
        this.code = code;
        this.passesByItself = passesByItself;
    }

    /** Everybody together has written too much in the last second. */
    public static RateLimitedException tooManyWrites(long bytesPerSecond) {
        return new RateLimitedException("TooManyWrites",
                ("Too many writes per second. Your deployment is limited to %s bytes written per 1 second. Reduce your"
                        + " write rate or upgrade to a larger deployment.").formatted(ByteSize.text(bytesPerSecond)),
                true);
    }

    static RateLimitedException tooManyConcurrent(int permits, String kind) {
        return new RateLimitedException("TooManyConcurrentRequests",
                ("Too many concurrent requests. Your backend is limited to %d concurrent %ss. To get more resources,"
                        + " upgrade to Convex Pro. If you are already on Convex Pro, please contact support.")
                        .formatted(permits, kind),
                false);
    }

    /** True if Convex itself tries again for a while before it refuses. */
    public boolean passesByItself() {
        return passesByItself;
    }

    /** Convex's short code. */
    public String code() {
        return code;
    }
}
