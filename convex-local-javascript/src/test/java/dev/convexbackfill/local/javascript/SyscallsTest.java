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
package dev.convexbackfill.local.javascript;

import org.junit.jupiter.api.Test;

class SyscallsTest {

    @Test
    void smoke() {
        try (TestApp app = new TestApp(dev.convexbackfill.local.app.EngineSettings.DEFAULT, "database", "behaviour", "hostile")) {
            System.out.println(app.app().functions().size() + " " + app.app().notes());
            System.out.println(app.call("database:insertAll", "{\"table\":\"items\",\"values\":[{\"n\":1},{\"n\":2}]}"));
            System.out.println(app.call("database:all", "{\"table\":\"items\"}"));
            for (String f : new String[] {"countsCalls", "throwsError", "throwsConvexError", "throwsText", "neverSettles", "rejectsUnheard", "handlesLate", "logs", "timeAndChance", "variables", "waits", "waitsInVain", "fetches", "orchestrates", "default"}) {
                System.out.println(f + " -> " + app.call("behaviour:" + f, "{}"));
            }
            for (String f : new String[] {"nested", "byHandle", "forgetful"}) {
                System.out.println(f + " -> " + app.call("database:" + f, "{}"));
            }
            System.out.println(app.call("database:recurse", "{\"depth\":8}"));
            System.out.println(app.call("database:recurse", "{\"depth\":9}"));
            for (String f : new String[] {"escapes", "hostObjects", "spoils", "asksForTooMuch", "recurses", "recursesIntoSyscalls", "parsesDeep"}) {
                System.out.println(f + " -> " + app.call("hostile:" + f, "{}"));
            }
        }
        try (TestApp app = new TestApp(dev.convexbackfill.local.app.EngineSettings.DEFAULT.withFunctionTime(java.time.Duration.ofSeconds(2)).withFunctionMemory(1L << 30), "database", "behaviour", "hostile")) {
            for (String f : new String[] {"loops", "loopsInMicrotasks", "matchesForEver", "hoards", "hoardsText"}) {
                long t = System.nanoTime();
                System.out.println(f + " -> " + app.call("hostile:" + f, "{}") + " " + (System.nanoTime() - t) / 1000000);
            }
            System.out.println(app.call("database:all", "{\"table\":\"items\"}"));
        }
    }
}
