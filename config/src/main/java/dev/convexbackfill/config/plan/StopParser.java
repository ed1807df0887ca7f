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
package dev.convexbackfill.config.plan;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads when a run of a plan stops by itself: the keys {@code quarantine} and {@code stopWhen}. */
final class StopParser {

    private static final Pattern PERCENTAGE = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3})?)%");
    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?\\d+");
    private static final Pattern TIME = Pattern.compile("(\\d{1,6})(ms|s)");
    private static final Duration MAX_LATENCY = Duration.ofMinutes(10);

    private StopParser() {}

    static Allowance quarantine(YamlMapping top) {
        Node node = top.take("quarantine");
        YamlMapping quarantine = node == null ? null : top.inner(node, "quarantine");
        if (quarantine == null) {
            return Allowance.OF_QUARANTINE;
        }
        Allowance allowed = allowance(quarantine, "stopAbove");
        quarantine.close(Map.of());
        return allowed == null ? Allowance.OF_QUARANTINE : allowed;
    }

    static StopWhen stopWhen(YamlMapping top) {
        Node node = top.take("stopWhen");
        YamlMapping stopWhen = node == null ? null : top.inner(node, "stopWhen");
        if (stopWhen == null) {
            return StopWhen.NEVER;
        }
        Allowance conflicts = allowance(stopWhen, "conflicts");
        Duration latency = time(stopWhen, "latency");
        for (String quarantined : List.of("quarantined", "quarantine", "errors")) {
            if (stopWhen.names().contains(quarantined)) {
                stopWhen.take(quarantined);
                stopWhen.problem(quarantined,
                        "is not a key of a plan here: how many documents may be in quarantine is said by 'quarantine: { stopAbove: 1% }'");
            }
        }
        stopWhen.close(Map.of());
        return new StopWhen(conflicts, latency);
    }

    private static @Nullable Allowance allowance(YamlMapping mapping, String key) {
        Node node = mapping.take(key);
        if (node == null) {
            return null;
        }
        String text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
        Matcher percentage = PERCENTAGE.matcher(text);
        if (percentage.matches() && Double.parseDouble(percentage.group(1)) <= 100) {
            return Allowance.ofRead(Double.parseDouble(percentage.group(1)) / 100);
        }
        if (!WHOLE_NUMBER.matcher(text).matches()) {
            mapping.problem(key,
                    ("must be a whole number of documents, or a part of those read from 0%% to 100%%,"
                            + " as in 1%%, not '%s'").formatted(text));
            return null;
        }
        Integer above = mapping.number(node, key, 0, Integer.MAX_VALUE);
        return above == null ? null : new Allowance(above);
    }

    private static @Nullable Duration time(YamlMapping mapping, String key) {
        Node node = mapping.take(key);
        if (node == null) {
            return null;
        }
        String text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
        Matcher matcher = TIME.matcher(text);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            Duration time = matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
            if (time.isPositive() && time.compareTo(MAX_LATENCY) <= 0) {
                return time;
            }
        }
        mapping.problem(key, "must be a time from 1ms to 600s, as in 800ms or 2s, not '%s'".formatted(text));
        return null;
    }
}
