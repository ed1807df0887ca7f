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
package dev.convexbackfill.job.report;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The report for machines, which is also how it is kept. */
public final class JsonReport {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final JsonMapper PRETTY = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private JsonReport() {}

    /** On one line. */
    static String of(Report report) {
        return MAPPER.writeValueAsString(report);
    }

    /** On several lines, the last without an end. */
    public static String pretty(Report report) {
        return PRETTY.writeValueAsString(report);
    }

    /** Empty for what another version has written. */
    static Optional<Report> read(String json) {
        try {
            Report report = MAPPER.readValue(json, Report.class);
            return report.version() == Report.VERSION ? Optional.of(report) : Optional.empty();
        } catch (JacksonException | NullPointerException otherForm) {
            return Optional.empty();
        }
    }
}
