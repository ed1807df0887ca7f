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
package dev.convexbackfill.client.admin;

import java.util.List;

/**
 * A database index as a deployment has it.
 *
 * @param fields as in {@link IndexDefinition}
 * @param built  whether it holds every document
 * @param staged whether it is not to be used even if it is built
 */
public record IndexStatus(String table, String name, List<String> fields, boolean built, boolean staged) {

    public IndexStatus {
        fields = List.copyOf(fields);
    }

    /** True if functions can query it. */
    public boolean isUsable() {
        return built && !staged;
    }
}
