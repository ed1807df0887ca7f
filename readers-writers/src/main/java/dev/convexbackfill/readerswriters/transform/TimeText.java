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
package dev.convexbackfill.readerswriters.transform;

import dev.convexbackfill.client.value.ConvexFloat64;
import dev.convexbackfill.client.value.ConvexInt64;
import dev.convexbackfill.client.value.ConvexString;
import dev.convexbackfill.client.value.ConvexValue;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Times as texts, and as milliseconds since 1970. Strict, and the same in every locale: names of months and days are English.
 * Thread-safe.
 */
final class TimeText {

    private static final long MAX_MILLIS = 8_640_000_000_000_000L;

    private final DateTimeFormatter reading;
    private final DateTimeFormatter writing;
    private final ZoneId zone;

    private TimeText(DateTimeFormatter reading, DateTimeFormatter writing, ZoneId zone) {
        this.reading = reading;
        this.writing = writing;
        this.zone = zone;
    }

    /** {@code pattern} is null for ISO 8601: a day, or a day and a time, with or without an offset. */
    static TimeText of(@Nullable String pattern, ZoneId zone) {
        if (pattern == null) {
            DateTimeFormatter iso = new DateTimeFormatterBuilder()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE)
                    .optionalStart().appendLiteral('T').append(DateTimeFormatter.ISO_LOCAL_TIME)
                    .optionalStart().appendOffsetId().optionalEnd().optionalEnd()
                    .toFormatter(Locale.ENGLISH).withResolverStyle(ResolverStyle.STRICT);
            return new TimeText(iso, DateTimeFormatter.ISO_OFFSET_DATE_TIME, zone);
        }
        DateTimeFormatter strict = new DateTimeFormatterBuilder().appendPattern(pattern)
                // so that 'yyyy', which everybody writes, is as good as 'uuuu'
                .parseDefaulting(ChronoField.ERA, 1)
                .toFormatter(Locale.ENGLISH).withResolverStyle(ResolverStyle.STRICT);
        return new TimeText(strict, DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH), zone);
    }

    /** A float64; null for what is no such text. Numbers count as done. */
    @Nullable
    ConvexValue toTimestamp(ConvexValue value) {
        return switch (value) {
            case ConvexFloat64 done -> done;
            case ConvexString(String text) -> {
                try {
                    Instant time = switch (reading.parseBest(text, ZonedDateTime::from, LocalDateTime::from,
                            LocalDate::from)) {
                        case ZonedDateTime zoned -> zoned.toInstant();
                        case LocalDateTime local -> local.atZone(zone).toInstant();
                        case LocalDate day -> day.atStartOfDay(zone).toInstant();
                        default -> null;
                    };
                    yield time == null || Math.abs(time.toEpochMilli()) > MAX_MILLIS ? null
                            : ConvexValue.number((double) time.toEpochMilli());
                } catch (DateTimeException | ArithmeticException _) {
                    yield null;
                }
            }
            default -> null;
        };
    }

    /**
     * A string; null for what is no time. Strings count as done. A part of a millisecond, as creation times have it, is dropped,
     * as JavaScript's Date does.
     */
    @Nullable
    ConvexValue toText(ConvexValue value) {
        return switch (value) {
            case ConvexString done -> done;
            case ConvexFloat64(double millis) when Double.isFinite(millis) -> toText((long) millis);
            case ConvexInt64(long millis) -> toText(millis);
            default -> null;
        };
    }

    private @Nullable ConvexValue toText(long millis) {
        if (Math.abs(millis) > MAX_MILLIS) {
            return null;
        }
        try {
            return ConvexValue.of(writing.format(Instant.ofEpochMilli(millis).atZone(zone)));
        } catch (DateTimeException _) {
            return null;
        }
    }
}
