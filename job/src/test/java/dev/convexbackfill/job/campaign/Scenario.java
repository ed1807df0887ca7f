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
package dev.convexbackfill.job.campaign;

import dev.convexbackfill.testsupport.JavaProcess;
import java.util.List;

/** What a campaign is about: documents, an app that goes on writing to them, and what a run is to do to each. */
interface Scenario {

    /** The table of the run. */
    String table();

    /** How many documents it has, before and after. */
    int documents();

    /** How many of them the run is for. */
    default int selected() {
        return documents();
    }

    /** What the plan says besides the table and the throttle, as YAML. */
    String plan();

    /** Starts the deployment, which then serves all documents or, started again, what it had committed. */
    JavaProcess serve(Place place);

    /** Starts the app, which writes until it is killed, and returns when it writes. */
    JavaProcess startApp(Place place);

    /** What is wrong with documents, now that the run is over: they miss a write of it or of the app, or have one twice. */
    List<String> wrong(DeploymentReader deployment, AppWrites writes);
}
