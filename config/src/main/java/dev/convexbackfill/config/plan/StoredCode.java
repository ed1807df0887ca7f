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

import dev.convexbackfill.client.value.ConvexArray;
import dev.convexbackfill.client.value.ConvexJson;
import dev.convexbackfill.client.value.ConvexObject;
import dev.convexbackfill.client.value.ConvexValue;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The code of a plan as a run keeps it beside the plan's text, so that it goes on with what it was launched with, wherever it goes
 * on.
 *
 * @param files by the names that the plan gives them
 */
public record StoredCode(Map<String, Code> files) implements CodeSource {

    public StoredCode {
        files = Map.copyOf(files);
    }

    /** All that the steps of {@code plan} name. */
    public static StoredCode of(Plan plan) {
        Map<String, Code> files = new TreeMap<>();
        plan.steps().forEach(step -> {
            if (step.transform() instanceof TransformSpec.JavaScript script) {
                files.put(script.file(), script.code());
            }
        });
        return new StoredCode(files);
    }

    /** What {@link #toJson} has made; no code for null. */
    public static StoredCode parse(@Nullable String json) {
        Map<String, Code> files = new TreeMap<>();
        if (json != null) {
            for (ConvexValue each : (ConvexArray) ConvexJson.decode(json)) {
                ConvexObject file = (ConvexObject) each;
                files.put(file.string("file"), new Code(file.string("text"), file.optionalString("sourceMap")));
            }
        }
        return new StoredCode(files);
    }

    /** Null if there is none. */
    public @Nullable String toJson() {
        List<ConvexValue> all = new TreeMap<>(files).entrySet().stream().<ConvexValue>map(file -> ConvexObject.builder()
                .put("file", file.getKey())
                .put("text", file.getValue().text())
                .putNullable("sourceMap", file.getValue().sourceMap())
                .build()).toList();
        return all.isEmpty() ? null : ConvexJson.encodeToString(ConvexValue.array(all));
    }

    @Override
    public Code find(String file, String function) {
        Code code = files.get(file);
        if (code == null) {
            throw new InvalidCodeException("the run has kept no code of '%s'".formatted(file));
        }
        return code;
    }
}
