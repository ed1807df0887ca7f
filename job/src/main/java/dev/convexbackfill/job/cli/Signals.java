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
package dev.convexbackfill.job.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns Ctrl-C and SIGTERM into a call, instead of the end of the process: a shutdown hook would come together with that of
 * the embedded database, which closes it under the hands of whoever wants to end cleanly. Closing it restores what was.
 */
final class Signals implements AutoCloseable {

    private final Map<String, @Nullable Object> before = new LinkedHashMap<>();

    private Signals() {}

    /** Calls {@code action} with the signal's name, on a thread of its own. */
    static Signals onStop(Consumer<String> action) {
        Signals signals = new Signals();
        for (String name : List.of("INT", "TERM")) {
            String spoken = name.equals("INT") ? "Ctrl-C" : "SIGTERM";
            signals.before.put(name, org.jline.utils.Signals.register(name,
                    () -> Thread.ofPlatform().daemon().start(() -> action.accept(spoken))));
        }
        return signals;
    }

    @Override
    public void close() {
        before.forEach(org.jline.utils.Signals::unregister);
    }
}
